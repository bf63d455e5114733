package cmd_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/cmd"
)

//nolint:paralleltest // sets the environment, in a loop that the linter does not see
func TestEnvironmentSetsFlags(t *testing.T) {
	for name, value := range map[string]string{
		"MANYVOX_PORT": "0", "MANYVOX_INTERFACE": "127.0.0.1", "MANYVOX_LOG_FORMAT": "text",
		"MANYVOX_CREDENTIALS": write(t, "channels.yml", "rest:\nkiosk: {type: rest}\n"), "MANYVOX_ENDPOINTS": write(t, "agent.yml", echoes),
		"MANYVOX_CONNECTOR": "rest", "MANYVOX_AUTH_TOKEN": "0perator", "MANYVOX_CORS": "https://a.example,https://b.example",
		"MANYVOX_RESPONSE_TIMEOUT": "5", "MANYVOX_MAX_BODY": "100",
	} {
		t.Setenv(name, value)
	}
	r := start(t)
	if host, _, _ := strings.Cut(r.addr, ":"); host != "127.0.0.1" {
		t.Errorf("it listens on %s", r.addr)
	}
	const origin = "https://b.example"
	if res, body := r.post("", `{"message":"hello"}`, "Origin", origin); res.StatusCode != http.StatusUnauthorized || res.Header.Get("Access-Control-Allow-Origin") != origin {
		t.Errorf("without the token: %d %s, %v", res.StatusCode, body, res.Header)
	}
	if res, body := r.post("?token=0perator", `{"message":"hello"}`); res.StatusCode != http.StatusOK {
		t.Errorf("with the token: %d %s", res.StatusCode, body)
	}
	if res, body := r.post("?token=0perator", `{"message":"`+strings.Repeat("hello ", 100)+`"}`); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d %s", res.StatusCode, body)
	}
	r.end()
	if log := r.err.String(); !strings.HasPrefix(log, "time=") || strings.Contains(log, "kiosk") || strings.Contains(log, "0perator") {
		t.Errorf("log %s", log)
	}
}

func TestEnvironmentYieldsToFlags(t *testing.T) {
	t.Setenv("MANYVOX_PORT", "1")
	t.Setenv("MANYVOX_LOG_FORMAT", "text")
	r := start(t, localFlags(t, "rest:\n", echoes, "--log-format", "json")...)
	r.end()
	if log := r.err.String(); strings.HasSuffix(r.addr, ":1") || !strings.HasPrefix(log, "{") {
		t.Errorf("it listens on %s, log %s", r.addr, log)
	}
}

func TestEnvironmentMistakes(t *testing.T) {
	t.Setenv("MANYVOX_RESPONSE_TIMEOUT", "soon")
	got := runToEnd(t, "", "run")
	if got.code != cmd.ExitUsage || !strings.Contains(got.err, "--response-timeout: expected a positive number of seconds") {
		t.Errorf("exit code %d: %s", got.code, got.err)
	}
}

// TestEdge08_07: what Kubernetes sets for a service that is called manyvox, and what is
// empty, stops no start. A flag wins before the variable is read. A misspelt variable is
// warned of.
func TestEdge08_07(t *testing.T) {
	for name, value := range map[string]string{
		"MANYVOX_PORT": "tcp://10.0.0.1:5005", "MANYVOX_PORT_5005_TCP_ADDR": "10.0.0.1", "MANYVOX_SERVICE_HOST": "10.0.0.1",
		"MANYVOX_MAX_BODY": "", "MANYVOX_CREDENTIALS": "", "MANYVOX_RESPONSE_TIMEOUT": "soon", "MANYVOX_AUTH_TOKN": "x", "MANYVOX_FROBNICATE": "1",
	} {
		t.Setenv(name, value)
	}
	t.Chdir(t.TempDir())
	r := start(t, "-p", "0", "-i", "127.0.0.1", "--data-dir", t.TempDir(), "--response-timeout", "5")
	r.end()
	var got []string
	for _, line := range logged(t, r) {
		if strings.Contains(line, "MANYVOX_") {
			got = append(got, line)
		}
	}
	want := []string{
		"WARN MANYVOX_AUTH_TOKN is no variable of Manyvox: did you mean MANYVOX_AUTH_TOKEN?",
		"WARN MANYVOX_FROBNICATE is no variable of Manyvox: see manyvox run --help",
		"WARN MANYVOX_PORT is passed over: it is the link of a service that is called manyvox",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got2 := runToEnd(t, "", "check", "--data-dir", t.TempDir(), "--response-timeout", "5")
	if got2.code != cmd.ExitOK || !strings.Contains(got2.out, "warning: MANYVOX_FROBNICATE is no variable") {
		t.Errorf("check: %+v", got2)
	}
}

// TestEdge08_08: a variable that would open a door by being empty is a mistake.
func TestEdge08_08(t *testing.T) {
	t.Setenv("MANYVOX_AUTH_TOKEN", "")
	if got := runToEnd(t, "", "run", "--port", "0"); got.code != cmd.ExitUsage || !strings.Contains(got.err, "--auth-token: expected") {
		t.Errorf("%+v", got)
	}
}

func TestFilesOfTheWorkingDirectory(t *testing.T) {
	for _, c := range []struct {
		name   string
		files  map[string]string
		log    []string
		absent string
	}{
		{
			name:   "none",
			log:    []string{"no credentials.yml: starting the rest channel alone", "no endpoints.yml: the echo agent answers", `"channel":"rest"`},
			absent: "kiosk",
		},
		{
			name:   "both",
			files:  map[string]string{"credentials.yml": "kiosk: {type: rest}\n", "endpoints.yml": echoes},
			log:    []string{`"channel":"kiosk"`},
			absent: "no endpoints.yml",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(files(t, c.files))
			r := start(t, "-p", "0", "-i", "127.0.0.1", "--data-dir", t.TempDir())
			r.end()
			log := r.err.String()
			for _, want := range c.log {
				if !strings.Contains(log, want) {
					t.Errorf("%q is missing in %s", want, log)
				}
			}
			if strings.Contains(log, c.absent) {
				t.Errorf("%q is in %s", c.absent, log)
			}
			if entries, err := os.ReadDir("."); err != nil || len(entries) != len(c.files) {
				t.Errorf("the directory holds %v, %v", entries, err)
			}
		})
	}
}
