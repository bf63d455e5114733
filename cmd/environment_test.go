package cmd_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

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
