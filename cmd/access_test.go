package cmd_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/callback"
	"github.com/manyvox/manyvox/channels/socketio"
)

// programOfChannels returns a program with the types rest, callback and socketio.
func programOfChannels() *program {
	p := newProgram()
	p.Channels = append(p.Channels, callback.Type(), socketio.Type())
	return p
}

// A channel that anyone may write to is warned of at the start and by check, once and
// whatever its type and the interface; so is one that --auth-token closes now and did not
// in 0.1.
func TestAccessWarnings(t *testing.T) {
	t.Parallel()
	const (
		anyone  = "anyone who reaches the port may write: "
		orToken = " in its block, or --auth-token"
		closed  = `--auth-token closes it now, which it did not in 0.1: give its callers the token, or set "open: true" in its block`
		isOpen  = anyone + `its block says "open: true"`
	)
	callback := func(key string) string { return "callback: {url: \"http://localhost:1\"" + key + "}\n" }
	for _, c := range []struct {
		name, credentials string
		args              []string
		warnings          []string // channel and text
		guarded           string
	}{
		{
			name: "nothing guards", credentials: "rest:\n" + callback("") + "socketio:\n",
			warnings: []string{"rest: " + anyone + "set token" + orToken, "callback: " + anyone + "set inbound_token" + orToken, "socketio: " + anyone + "set --auth-token"},
		},
		{
			name: "tokens of their own, and a signature", args: []string{"-t", "pr0gram"},
			credentials: "rest: {token: s3cret}\n" + callback(", inbound_token: s3cret") + "socketio: {jwt_key: a-secret-of-both-sides-with-32-bytes, jwt_require_exp: true}\n",
		},
		{
			name: "the program's token", args: []string{"-t", "pr0gram"}, credentials: "rest:\n" + callback("") + "socketio:\n",
			warnings: []string{"callback: " + closed, "socketio: " + closed}, guarded: "rest, callback, socketio",
		},
		{
			name: "open", args: []string{"-t", "pr0gram"}, credentials: "rest: {open: true}\n" + callback(", open: true") + "socketio: {open: true}\n",
			warnings: []string{"rest: " + isOpen, "callback: " + isOpen, "socketio: " + isOpen},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := programOfChannels().start(t, localFlags(t, c.credentials, echoes, c.args...)...)
			r.end()
			var warnings []string
			guarded := ""
			for _, line := range logged(t, r, "channel", "channels") {
				if text, channel, ok := strings.Cut(line, " channel="); ok && strings.HasPrefix(line, "WARN ") {
					warnings = append(warnings, channel+": "+strings.TrimPrefix(text, "WARN "))
				}
				if _, names, ok := strings.Cut(line, " channels="); ok {
					guarded = names
				}
			}
			if diff := cmp.Diff(c.warnings, warnings); diff != "" || guarded != c.guarded {
				t.Errorf("guarded %q, want %q; warnings (-want +got):\n%s", guarded, c.guarded, diff)
			}

			dir := files(t, map[string]string{"credentials.yml": c.credentials, "endpoints.yml": echoes})
			got := programOfChannels().runToEnd(t, dir, append([]string{
				"check", "--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"),
			}, c.args...)...)
			warnings, guarded = nil, ""
			for line := range strings.Lines(got.out) {
				line = strings.TrimSpace(line)
				if text, ok := strings.CutPrefix(line, "warning: channel "); ok {
					warnings = append(warnings, text)
				}
				if names, ok := strings.CutPrefix(line, "--auth-token guards: "); ok {
					guarded = names
				}
			}
			if diff := cmp.Diff(c.warnings, warnings); diff != "" || guarded != c.guarded || got.code != 0 {
				t.Errorf("check: guarded %q, want %q; warnings (-want +got):\n%s", guarded, c.guarded, diff)
			}
		})
	}
}

// "open: true" beside what says who may write is a mistake.
func TestAccessMistakes(t *testing.T) {
	t.Parallel()
	for credentials, want := range map[string]string{
		"rest:\n  token: s3cret\n  open: true\n": "credentials.yml:3: channel rest: open: not beside a token: leave one of them out",
		"socketio:\n  open: true\n  jwt_key: a-secret-of-both-sides-with-32-bytes\n  jwt_require_exp: true\n": "credentials.yml:2: channel socketio: open: the channel verifies what its callers sign: leave it out",
		"rest:\n  open: perhaps\n": "credentials.yml:2: channel rest: open: expected true or false",
	} {
		dir := files(t, map[string]string{"credentials.yml": credentials, "endpoints.yml": echoes})
		got := programOfChannels().runToEnd(t, dir, "check", "--credentials", dir+"/credentials.yml", "--endpoints", dir+"/endpoints.yml")
		if got.code != 2 || got.err != "manyvox: "+want+"\n" {
			t.Errorf("%+v, want %s", got, want)
		}
	}
}

// Clients of Rasa that know no token are refused with --auth-token, let in when they show
// it, and let in without where the block says "open: true".
func TestRasasClientsAndAuthToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, credentials string
		shown             string
		status            int
	}{
		{"no token", "rest:\nsocketio:\n", "", http.StatusUnauthorized},
		{"a wrong token", "rest:\nsocketio:\n", "wrong", http.StatusUnauthorized},
		{"the token", "rest:\nsocketio:\n", "thisismysecret", http.StatusOK},
		{"open", "rest: {open: true}\nsocketio: {open: true}\n", "", http.StatusOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// As in "rasa run --credentials credentials.yml --auth-token thisismysecret --cors '*'".
			r := programOfChannels().start(t, localFlags(t, c.credentials, echoes, "--auth-token", "thisismysecret", "--cors", "*")...)
			query := ""
			if c.shown != "" {
				query = "?token=" + c.shown
			}
			const hello = `[{"recipient_id":"ann","text":"hello"}]`
			if res, body := r.post(query, `{"sender":"ann","message":"hello"}`); res.StatusCode != c.status || c.status == http.StatusOK && body != hello {
				t.Errorf("rest: %d %s, want %d", res.StatusCode, body, c.status)
			}
			for name, client := range map[string]*socketClient{
				"socketio, in the query of each request": {running: r, query: c.shown},
				"socketio, in the handshake alone":       {running: r, handshake: c.shown},
				"socketio, in auth.token":                {running: r, auth: c.shown},
			} {
				packets := client.say("hello")
				want := []string{"40", `42["bot_uttered",{"text":"hello"}]`}
				if c.status != http.StatusOK {
					want = []string{"44"}
				}
				if !slices.EqualFunc(packets, want, strings.HasPrefix) {
					t.Errorf("%s: packets %q, want %q", name, packets, want)
				}
			}
		})
	}
}

// socketClient is a client of Socket.IO that polls. It shows a token in one of three places.
type socketClient struct {
	*running
	query, handshake, auth string
}

// say connects and says something. It returns the packets that it gets: an answer to the
// connect, and when that is no refusal the first reply.
func (c *socketClient) say(text string) (packets []string) {
	c.t.Helper()
	opened := c.request(http.MethodGet, "", c.query+c.handshake, "")
	var handshake struct {
		SID string `json:"sid"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(opened, "0")), &handshake); err != nil {
		c.t.Fatalf("handshake %q: %v", opened, err)
	}
	connect := "40"
	if c.auth != "" {
		connect += fmt.Sprintf(`{"token":%q}`, c.auth)
	}
	c.request(http.MethodPost, handshake.SID, c.query, connect)
	packets = append(packets, c.request(http.MethodGet, handshake.SID, c.query, ""))
	// Whoever was refused gets nothing for what it says all the same.
	c.request(http.MethodPost, handshake.SID, c.query, fmt.Sprintf(`42["user_uttered",{"message":%q}]`, text))
	if strings.HasPrefix(packets[0], "40") {
		packets = append(packets, c.request(http.MethodGet, handshake.SID, c.query, ""))
	}
	c.request(http.MethodPost, handshake.SID, c.query, "1")
	return packets
}

func (c *socketClient) request(method, sid, token, body string) string {
	c.t.Helper()
	url := "http://" + c.addr + "/socket.io/?EIO=4&transport=polling"
	if sid != "" {
		url += "&sid=" + sid
	}
	if token != "" {
		url += "&token=" + token
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	status, answer := c.do(req)
	if status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s", method, body, status, answer)
	}
	return answer
}
