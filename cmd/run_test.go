package cmd_test

import (
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/cmd"
)

// logged returns the log's lines as "LEVEL message key=value ..." with some keys.
func logged(t *testing.T, r *running, keys ...string) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(r.err.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		text := record["level"].(string) + " " + record["msg"].(string)
		for _, key := range keys {
			if v, ok := record[key].(string); ok {
				text += " " + key + "=" + v
			}
		}
		lines = append(lines, text)
	}
	return lines
}

func TestRunServesUntilItIsStopped(t *testing.T) {
	t.Parallel()
	r := start(t, localFlags(t, "rest:\nkiosk: {type: rest, token: s3cret}\n", "nlg:\n"+echoes)...)
	res, body := r.post("", `{"sender":"ann","message":"hello"}`)
	if want := `[{"recipient_id":"ann","text":"hello"}]`; res.StatusCode != http.StatusOK || body != want {
		t.Errorf("%d %s, want %s", res.StatusCode, body, want)
	}
	if code := r.end(); code != cmd.ExitOK {
		t.Errorf("exit code %d", code)
	}
	_, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		t.Fatal(err)
	}
	base := "http://localhost:" + port
	want := []string{
		"INFO operator's token ready",
		"INFO channel ready channel=rest url=" + base + "/webhooks/rest/webhook",
		"INFO channel ready channel=kiosk url=" + base + "/webhooks/kiosk/webhook",
		"WARN anyone who reaches the port may write: set token in its block, or --auth-token channel=rest",
		"INFO chat page ready url=" + base + "/chat/",
		"INFO listening version=" + cmd.Version + " url=" + base + " agent=echo",
		"INFO shutting down: what is in flight may go on, a second signal ends it",
		"INFO stopped",
	}
	got := slices.DeleteFunc(logged(t, r, "channel", "version", "url", "agent"), func(line string) bool {
		return strings.HasSuffix(line, "endpoints.yml:1: nlg: ignored: it is for the Rasa server")
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if !strings.Contains(r.err.String(), "nlg: ignored") || r.out.String() != "" {
		t.Errorf("log %s, output %s", r.err, r.out)
	}
}

func TestRunKeepsTheTokenToItself(t *testing.T) {
	t.Parallel()
	r := start(t, localFlags(t, "rest: {token: s3cret}\n", echoes, "--auth-token", "0perator", "-v")...)
	for _, c := range []struct {
		name, query, header string
		status              int
	}{
		{"none", "", "", http.StatusUnauthorized},
		{"wrong", "?token=s3crets", "", http.StatusUnauthorized},
		{"channel's", "?token=s3cret", "", http.StatusOK},
		{"program's", "", "Bearer 0perator", http.StatusOK},
	} {
		if res, body := r.post(c.query, `{"message":"hello"}`, "Authorization", c.header); res.StatusCode != c.status {
			t.Errorf("%s: %d %s", c.name, res.StatusCode, body)
		}
	}
	r.end()
	if log := r.err.String() + r.out.String(); strings.Contains(log, "0perator") || strings.Contains(log, "s3cret") || !strings.Contains(log, `"msg":"turn"`) {
		t.Errorf("log %s", log)
	}
}

func TestRunCORS(t *testing.T) {
	t.Parallel()
	const a, b = "https://a.example", "https://b.example"
	for _, c := range []struct {
		name string
		args []string
		want map[string]string // what each origin is allowed
	}{
		{"not given", nil, map[string]string{a: "", b: ""}},
		{"no value", []string{"--cors"}, map[string]string{a: "", b: ""}},
		{"no value, then a flag", []string{"--cors", "-v"}, map[string]string{a: "", b: ""}},
		{"one", []string{"--cors", a, "-v"}, map[string]string{a: a, b: ""}},
		{"several", []string{"--cors", a, b}, map[string]string{a: a, b: b}},
		{"repeated", []string{"--cors", a, "--cors", b}, map[string]string{a: a, b: b}},
		{"with commas", []string{"--cors=" + a + "," + b}, map[string]string{a: a, b: b}},
		{"all", []string{"--cors", "*"}, map[string]string{a: "*", b: "*"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, localFlags(t, "rest:\n", echoes, c.args...)...)
			for origin, want := range c.want {
				res, _ := r.post("", `{"message":"hello"}`, "Origin", origin)
				if got := res.Header.Get("Access-Control-Allow-Origin"); got != want {
					t.Errorf("%s is allowed %q, want %q", origin, got, want)
				}
			}
		})
	}
}

// TestEdge08_01Page: where people read the log its last line is the page's address.
func TestEdge08_01Page(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]bool{"text": true, "json": false, "auto": false} { // a buffer is no terminal
		r := start(t, localFlags(t, "rest:\n", echoes, "--log-format", format)...)
		log := r.err.String()
		if got := strings.HasSuffix(log, "\n\n  Open http://"+strings.Replace(r.addr, "127.0.0.1", "localhost", 1)+"/ in a browser. Ctrl-C ends the program.\n\n"); got != want {
			t.Errorf("%s: %s", format, log)
		}
	}
}

// TestEdge08_09: a value of --cors that can match no page ends the start, and names itself.
func TestEdge08_09(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`["*"]`, "localhost:8000", "https://a.example/", "null", "**", "http://*"} {
		got := runToEnd(t, "", "run", "--port", "0", "--interface", "127.0.0.1", "--data-dir", t.TempDir(), "--cors", value)
		if got.code != 2 || !strings.HasPrefix(got.err, "manyvox: --cors "+strconv.Quote(value)+": ") {
			t.Errorf("--cors %s: exit code %d, %s", value, got.code, got.err)
		}
	}
}

func TestRunLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		args   []string
		status int
	}{
		{"in time", []string{"--response-timeout", "90s"}, http.StatusOK},
		{"seconds", []string{"--response-timeout", "0.05"}, http.StatusGatewayTimeout},
		{"with a unit", []string{"--response-timeout", "50ms"}, http.StatusGatewayTimeout},
		{"body too large", []string{"--max-body", "10"}, http.StatusRequestEntityTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, localFlags(t, "rest:\n", echoes, c.args...)...)
			message := `{"message":"/slow 60"}`
			if c.status == http.StatusOK {
				message = `{"message":"hello"}`
			}
			if res, body := r.post("", message); res.StatusCode != c.status {
				t.Errorf("%d %s, want %d", res.StatusCode, body, c.status)
			}
		})
	}
}

func TestRunLogFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		args  []string
		first string
	}{
		{"no terminal", nil, `{"time":`},
		{"json", []string{"--log-format", "json"}, `{"time":`},
		{"text", []string{"--log-format", "text"}, `time=`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, localFlags(t, "rest:\n", echoes, c.args...)...)
			r.end()
			if log := r.err.String(); !strings.HasPrefix(log, c.first) {
				t.Errorf("log %s, want it to begin with %s", log, c.first)
			}
		})
	}
}

func TestRunStartsOneConnector(t *testing.T) {
	t.Parallel()
	r := start(t, localFlags(t, "kiosk: {type: rest}\nrset:\n", echoes, "--connector", "rest")...)
	if res, body := r.post("", `{"message":"hello"}`); res.StatusCode != http.StatusOK {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}
