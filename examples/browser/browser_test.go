// Package browser_test opens the pages in Chromium, served from another origin than the
// program's, as docs/browser.md describes it.
package browser_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

const (
	esbuild = "../typescript/node_modules/.bin/esbuild"
	tsc     = "../typescript/node_modules/.bin/tsc"
	socket  = "../../channels/socketio/clients/node_modules/socket.io-client/dist/socket.io.esm.min.js"
	// address is where the pages look for the program.
	address = "http://localhost:5005"
	// elsewhere is an origin that serves none of the pages.
	elsewhere = "http://localhost:8000"
)

// visit is a page opened once: what it shows after a message, and which requests the
// program got meanwhile.
type visit struct {
	name, page, token string
	refused           bool // --cors names another origin
	open              bool // the channel has no token
	websocket         bool // Socket.IO without polling
	shows             string
	consoleError      string   // in the console; "" for not at all
	requests          []string // the answers' status behind; nil for any
}

func visits() []visit {
	const (
		unauthenticated = `a token is needed: send it as "Authorization: Bearer <token>"`
		noPreflight     = "has been blocked by CORS policy: Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource."
		noAnswer        = "has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."
		status401       = "the server responded with a status of 401"
		receive         = "/manyvox.v1.ChannelService/ReceiveStream"
		webhook         = "/webhooks/rest/webhook"
	)
	return []visit{
		{
			name: "Connect, allowed, token", page: "connect.html", token: "open-sesame",
			shows: "hello over there", requests: []string{"OPTIONS " + receive + " 200", "POST " + receive + " 200"},
		},
		{
			name: "Connect, allowed, no token", page: "connect.html", // the error of a stream comes in its last message
			shows: "[unauthenticated] channel rest: " + unauthenticated, requests: []string{"OPTIONS " + receive + " 200", "POST " + receive + " 200"},
		},
		{
			name: "Connect, not allowed, token", page: "connect.html", token: "open-sesame", refused: true,
			shows: "Failed to fetch", consoleError: noPreflight, requests: []string{"OPTIONS " + receive + " 200"},
		},
		{
			name: "Connect, not allowed, no token", page: "connect.html", refused: true,
			shows: "Failed to fetch", consoleError: noPreflight, requests: []string{"OPTIONS " + receive + " 200"},
		},
		{
			name: "NDJSON, allowed, token", page: "ndjson.html", token: "open-sesame",
			shows: "hello over there", requests: []string{"OPTIONS " + webhook + " 200", "POST " + webhook + " 200"},
		},
		{
			name: "NDJSON, allowed, no token", page: "ndjson.html",
			shows: unauthenticated, consoleError: status401, requests: []string{"POST " + webhook + " 401"},
		},
		{
			name: "NDJSON, allowed, open channel", page: "ndjson.html", open: true,
			shows: "hello over there", requests: []string{"POST " + webhook + " 200"},
		},
		{
			name: "NDJSON, not allowed, token", page: "ndjson.html", token: "open-sesame", refused: true,
			shows: "Failed to fetch", consoleError: noPreflight, requests: []string{"OPTIONS " + webhook + " 200"},
		},
		{
			name: "NDJSON, not allowed, open channel", page: "ndjson.html", refused: true, open: true, // answered, but not to the page
			shows: "Failed to fetch", consoleError: noAnswer, requests: []string{"POST " + webhook + " 200"},
		},
		{
			name: "Socket.IO, allowed", page: "socketio.html",
			shows: "hello over there",
		},
		{
			name: "Socket.IO, allowed, WebSocket alone", page: "socketio.html", websocket: true,
			shows: "hello over there", requests: []string{"GET /socket.io/ 101"},
		},
		{
			name: "Socket.IO, not allowed", page: "socketio.html", refused: true,
			shows: "xhr poll error", consoleError: noAnswer, requests: []string{"GET /socket.io/ 403"},
		},
		{
			name: "Socket.IO, not allowed, WebSocket alone", page: "socketio.html", websocket: true, refused: true,
			shows: "websocket error", consoleError: "Error during WebSocket handshake: Unexpected response code: 403", requests: []string{"GET /socket.io/ 403"},
		},
	}
}

// TestPages opens one page after the other: a browser takes a core.
func TestPages(t *testing.T) {
	t.Parallel()
	need(t)
	bundle := filepath.Join(t.TempDir(), "connect.js")
	run(t, esbuild, "connect.ts", "--bundle", "--format=esm", "--log-level=warning", "--outfile="+bundle)
	for _, v := range visits() { //nolint:paralleltest // see above
		t.Run(v.name, func(t *testing.T) {
			seen, requests := v.run(t, bundle)
			if !strings.Contains(seen.Shows, v.shows) {
				t.Errorf("shows %q, want %q", seen.Shows, v.shows)
			}
			if complaints := strings.Join(seen.Complaints, "\n"); !strings.Contains(complaints, v.consoleError) || v.consoleError == "" && complaints != "" {
				t.Errorf("the console shows %q, want %q", complaints, v.consoleError)
			}
			lines := slices.Compact(paths(requests)) // Socket.IO tries again
			if diff := cmp.Diff(v.requests, lines); diff != "" && v.requests != nil {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			for _, r := range requests {
				if r.method == http.MethodOptions {
					checkPreflight(t, r, v)
				}
			}
		})
	}
}

// seen is what visit.mjs prints.
type seen struct {
	Shows      string   `json:"shows"`
	Complaints []string `json:"complaints"`
}

// run serves the page and the program at different ports and opens the page.
func (v visit) run(t *testing.T, bundle string) (seen, []request) {
	t.Helper()
	site := httptest.NewUnstartedServer(nil)
	origin := "http://" + site.Listener.Addr().String()
	allowed := origin
	if v.refused {
		allowed = elsewhere
	}
	p := cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()}}
	credentials := "rest: {token: open-sesame}\nsocketio:\n"
	if v.open {
		credentials = "rest:\n"
	}
	proxy := record(t, cmdtest.Start(t, p, credentials, "agent: {type: echo, pause: 1ms}", "--cors", allowed))
	edits := []string{address, proxy.url}
	if v.websocket {
		edits = []string{`io("` + address + `")`, `io("` + proxy.url + `", { transports: ["websocket"] })`}
	}
	site.Config.Handler = pageServer{bundle, strings.NewReplacer(edits...)}
	site.Start()
	t.Cleanup(site.Close)

	page := origin + "/" + v.page
	if v.token != "" {
		page += "#token=" + v.token
	}
	var s seen
	if err := json.Unmarshal(run(t, "node", "visit.mjs", page, "hello over there"), &s); err != nil {
		t.Fatal(err)
	}
	return s, proxy.all()
}

// checkPreflight wants what docs/browser.md shows: what the browser asks, and that the
// answer allows it or has no such header.
func checkPreflight(t *testing.T, r request, v visit) {
	t.Helper()
	headers := []string{"authorization"}
	if v.page == "connect.html" {
		headers = []string{"connect-protocol-version", "content-type"}
		if v.token != "" {
			headers = slices.Insert(headers, 0, "authorization")
		}
	}
	want := map[string]string{"Method": "POST", "Headers": strings.Join(headers, ",")}
	if diff := cmp.Diff(want, about(r.asked, "Access-Control-Request-")); diff != "" {
		t.Errorf("the preflight asks (-want +got):\n%s", diff)
	}
	answer := map[string]string{}
	if !v.refused {
		answer = map[string]string{
			"Allow-Origin": r.asked.Get("Origin"), "Allow-Methods": "POST", "Allow-Headers": want["Headers"],
			"Allow-Credentials": "true", "Max-Age": "7200",
		}
	}
	if diff := cmp.Diff(answer, about(r.answered, "Access-Control-")); diff != "" {
		t.Errorf("the preflight is answered (-want +got):\n%s", diff)
	}
}

// about returns the headers with a prefix, without it.
func about(h http.Header, prefix string) map[string]string {
	found := map[string]string{}
	for name, values := range h {
		if short, ok := strings.CutPrefix(name, prefix); ok {
			found[short] = strings.Join(values, ", ")
		}
	}
	return found
}

func TestTypecheck(t *testing.T) {
	t.Parallel()
	need(t)
	run(t, tsc, "-p", ".")
}

// run returns what a command prints.
func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.Bytes()
}

// need skips a test that cannot run here. In CI nothing may be missing.
func need(t *testing.T) {
	t.Helper()
	missing := ""
	for _, program := range []string{"node", "chromium"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = "no " + program + " on this machine"
		}
	}
	for _, file := range []string{esbuild, tsc, "../../web/node_modules/playwright-core", socket} {
		if _, err := os.Stat(file); err != nil {
			root, _, _ := strings.Cut(filepath.ToSlash(file), "/node_modules/")
			missing = "no node_modules: run npm ci in " + root
		}
	}
	switch {
	case missing != "" && os.Getenv("CI") == "true":
		t.Fatal(missing)
	case missing != "":
		t.Skip(missing)
	}
	for _, dir := range []string{".", "../typescript/gen/manyvox/v1", "../../web/test"} { // so that go test runs again when a source changes
		if _, err := os.ReadDir(dir); err != nil {
			t.Fatal(err)
		}
	}
}
