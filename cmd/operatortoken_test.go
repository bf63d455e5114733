package cmd_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/cmd"
)

// fetch returns status and body of a path, asked with a token unless that is empty.
func (r *running) fetch(url, token string) (status int, body string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return r.do(req)
}

// tokenFile reads the operator's token of a data directory.
func tokenFile(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "operator-token")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	return strings.TrimSpace(string(data))
}

// Without a flag the first start makes the operator's token and keeps it in the journal:
// a later start, and a replica with a data directory of its own, has the same.
func TestOperatorTokenIsKept(t *testing.T) {
	t.Parallel()
	d := newSharedStore(t)
	first := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
	token := tokenFile(t, first.dataDir)
	if len(token) != 64 {
		t.Errorf("the token has %d digits", len(token))
	}
	for shown, want := range map[string]int{"": http.StatusUnauthorized, "wrong": http.StatusUnauthorized, token: http.StatusOK} {
		if status, body := first.fetch("http://"+first.addr+"/metrics", shown); status != want {
			t.Errorf("metrics: %d %s, want %d", status, body, want)
		}
	}
	first.end()
	if log := first.err.String(); strings.Contains(log, token) || !strings.Contains(log, filepath.Join(first.dataDir, "operator-token")) {
		t.Errorf("the log names the token, or not the file: %s", log)
	}
	second := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
	if again := tokenFile(t, second.dataDir); again != token || second.dataDir == first.dataDir {
		t.Errorf("the second start has another token")
	}
}

// A copy that cannot be written costs the copy and nothing else.
func TestOperatorTokenWithoutACopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "operator-token"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := start(t, localFlags(t, "rest:\n", echoes, "--data-dir", dir)...)
	r.end()
	if log := r.err.String(); !strings.Contains(log, "the operator's token is not copied") {
		t.Errorf("log %s", log)
	}
}

// --operator-token is the operator's alone, and opens no channel; --auth-token stands in
// for it. Neither is copied.
func TestOperatorTokenOfTheFlags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		args     []string
		metrics  map[string]int // status by token
		messages map[string]int
	}{
		{
			"both", []string{"--operator-token", "0perator", "--auth-token", "pr0gram"},
			map[string]int{"0perator": 200, "pr0gram": 401, "": 401}, map[string]int{"0perator": 401, "pr0gram": 200, "": 401},
		},
		{
			"the channels'", []string{"--auth-token", "pr0gram"},
			map[string]int{"pr0gram": 200, "": 401}, map[string]int{"pr0gram": 200, "": 401},
		},
		{
			"the operator's", []string{"--operator-token", "0perator"},
			map[string]int{"0perator": 200, "": 401}, map[string]int{"0perator": 200, "": 200},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, localFlags(t, "rest:\n", echoes, c.args...)...)
			for token, want := range c.metrics {
				if status, body := r.fetch("http://"+r.addr+"/metrics", token); status != want {
					t.Errorf("metrics with %q: %d %s, want %d", token, status, body, want)
				}
			}
			for token, want := range c.messages {
				if res, body := r.post("?token="+token, `{"message":"hello"}`); res.StatusCode != want {
					t.Errorf("a message with %q: %d %s, want %d", token, res.StatusCode, body, want)
				}
			}
			if _, err := os.Stat(filepath.Join(r.dataDir, "operator-token")); err == nil {
				t.Error("a token of the flags is copied to the data directory")
			}
		})
	}
}

// Commands show the token of the flags, or else that of the data directory, the latter
// only to a program on this machine.
func TestOperatorTokenOfCommands(t *testing.T) {
	shown := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown <- r.Header.Get("Authorization")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	dir := files(t, map[string]string{"operator-token": "0f-the-file\n"})
	for _, c := range []struct {
		name string
		host string
		env  map[string]string
		args []string
		want string
	}{
		{name: "the file", host: "127.0.0.1", want: "0f-the-file"},
		{name: "the file, by name", host: "localhost", want: "0f-the-file"},
		{name: "no file", host: "127.0.0.1", args: []string{"--data-dir", dir + "/other"}},
		{name: "another machine", host: "0.0.0.0"},
		{name: "another machine, a flag", host: "0.0.0.0", args: []string{"--operator-token", "flag"}, want: "flag"},
		{name: "a flag", host: "127.0.0.1", args: []string{"--operator-token", "flag", "--auth-token", "auth"}, want: "flag"},
		{name: "the environment", host: "127.0.0.1", env: map[string]string{"MANYVOX_OPERATOR_TOKEN": "env", "MANYVOX_AUTH_TOKEN": "auth"}, want: "env"},
		{name: "the token of the channels", host: "127.0.0.1", args: []string{"--auth-token", "auth"}, want: "auth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for key, value := range c.env {
				t.Setenv(key, value)
			}
			args := append([]string{"events", "--server", "http://" + c.host + ":" + port, "--data-dir", dir}, c.args...)
			if got := runToEnd(t, "", args...); got.code != cmd.ExitFailure || strings.Contains(got.err, "0f-the-file") {
				t.Errorf("%+v", got)
			}
			if got := strings.TrimPrefix(<-shown, "Bearer "); got != c.want {
				t.Errorf("%q is shown, want %q", got, c.want)
			}
		})
	}
}

// A secret that is written and comes out empty ends the program before it has started.
func TestEmptySecrets(t *testing.T) {
	const empty = "expected a secret that is not empty; without one leave it out"
	for _, c := range []struct {
		name, credentials, endpoints string
		env                          string
		args                         []string
		want                         string
	}{
		{name: "a flag", args: []string{"--auth-token", ""}, want: "--auth-token: " + empty},
		{name: "a flag with =", args: []string{"--operator-token="}, want: "--operator-token: " + empty},
		{name: "a short flag", args: []string{"-t", ""}, want: "--auth-token: " + empty},
		{name: "the environment", env: "MANYVOX_AUTH_TOKEN", want: "--auth-token: " + empty},
		{name: "the environment, the operator's", env: "MANYVOX_OPERATOR_TOKEN", want: "--operator-token: " + empty},
		{name: "a text", credentials: "rest: {token: \"\"}\n", want: "credentials.yml:1: channel rest: token: " + empty},
		{name: "a default", credentials: "rest:\n  token: ${MANYVOX_TEST_ABSENT:-}\n", want: "credentials.yml:2: channel rest: token: " + empty},
		{name: "no value", credentials: "rest:\n  token:\n", want: "credentials.yml:2: channel rest: token: " + empty},
		{
			name: "an agent's", endpoints: "agent:\n  type: rasa\n  url: http://localhost\n  token: ${MANYVOX_TEST_ABSENT:-}\n",
			want: "endpoints.yml:4: agent rasa: token: " + empty,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.env != "" {
				t.Setenv(c.env, "")
			}
			if c.credentials == "" {
				c.credentials = "rest:\n"
			}
			if c.endpoints == "" {
				c.endpoints = echoes
			}
			dir := files(t, map[string]string{"credentials.yml": c.credentials, "endpoints.yml": c.endpoints})
			args := []string{"run", "--credentials", dir + "/credentials.yml", "--endpoints", dir + "/endpoints.yml", "--data-dir", dir}
			got := runToEnd(t, dir, append(args, c.args...)...)
			if got.code != cmd.ExitUsage || !strings.Contains(got.err, c.want) {
				t.Errorf("exit code %d, errors %s, want %s", got.code, got.err, c.want)
			}
		})
	}
}

// --metrics-address has /metrics and nothing else, and asks for no token.
func TestMetricsAddress(t *testing.T) {
	t.Parallel()
	r := start(t, localFlags(t, "rest:\n", echoes, "--metrics-address", "127.0.0.1:0")...)
	var base string
	for _, line := range logged(t, r, "url") {
		if _, url, ok := strings.Cut(line, "metrics ready, without a token url="); ok {
			base = strings.TrimSuffix(url, "/metrics")
		}
	}
	if status, body := r.fetch(base+"/metrics", ""); status != http.StatusOK || !strings.Contains(body, "manyvox_asks 0") {
		t.Errorf("%d %s", status, body)
	}
	for _, path := range []string{"/", "/healthz", "/webhooks/rest", "/chat/", "/manyvox.v1.ConversationService/ListEvents"} {
		if status, body := r.fetch(base+path, ""); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := r.fetch("http://"+r.addr+"/metrics", ""); status != http.StatusUnauthorized {
		t.Errorf("the one port: %d", status)
	}
	if code := r.end(); code != cmd.ExitOK {
		t.Errorf("exit code %d: %s", code, r.err)
	}
}

func TestMetricsAddressMistakes(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"credentials.yml": "rest:\n", "endpoints.yml": echoes})
	taken := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(taken.Close)
	inUse := strings.TrimPrefix(taken.URL, "http://")
	for address, want := range map[string]outcome{
		"9090": {code: 2, err: "manyvox: --metrics-address: expected an address such as 127.0.0.1:9090, or :9090 for every interface\n"},
		inUse:  {code: 1, err: "manyvox: --metrics-address " + inUse + ": bind: address already in use\n"},
	} {
		got := runToEnd(t, "", "run", "--port", "0", "--interface", "127.0.0.1", "--operator-token", "0perator", "--metrics-address", address,
			"--credentials", dir+"/credentials.yml", "--endpoints", dir+"/endpoints.yml", "--data-dir", dir)
		if got != want {
			t.Errorf("%s: %+v, want %+v", address, got, want)
		}
	}
}
