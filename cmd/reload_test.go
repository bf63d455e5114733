package cmd_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reloaded is a program that runs, with files that a test writes anew.
type reloaded struct {
	*running
	dir string
	// hangups stands for SIGHUP.
	hangups chan os.Signal
}

func newReloaded(t *testing.T) *reloaded {
	t.Helper()
	r := &reloaded{dir: t.TempDir(), hangups: make(chan os.Signal)}
	r.write(t, "credentials.yml", "rest: {token: one}\nkiosk: {type: rest, open: true}\n")
	r.write(t, "endpoints.yml", echoes)
	p := newProgram()
	p.Hangup = r.hangups
	r.running = p.start(t, "--port", "0", "--interface", "127.0.0.1",
		"--credentials", filepath.Join(r.dir, "credentials.yml"), "--endpoints", filepath.Join(r.dir, "endpoints.yml"))
	return r
}

func (r *reloaded) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// edit replaces a text in a file, where it stands.
func (r *reloaded) edit(t *testing.T, name, from, to string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil || !strings.Contains(string(content), from) {
		t.Fatalf("%s has no %q: %v", name, from, err)
	}
	r.write(t, name, strings.Replace(string(content), from, to, 1))
}

// command runs a command that asks the program. A time in its output is "TIME".
func (r *reloaded) command(t *testing.T, name string) outcome {
	t.Helper()
	got := runToEnd(t, "", name, "--server", "http://"+r.addr, "--data-dir", r.dataDir)
	got.out = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:]+Z`).ReplaceAllString(got.out, "TIME")
	return got
}

// status returns the status of a channel's health route.
func (r *reloaded) status(t *testing.T, channel string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.addr+"/webhooks/"+channel, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	status, _ := r.do(req)
	return status
}

func TestReload(t *testing.T) {
	t.Parallel()
	r := newReloaded(t)
	r.write(t, "credentials.yml", "lobby: {type: rest, open: true}\nrest: {token: two}\n")
	want := outcome{out: `revision 2, TIME
CHANNEL  TYPE    CHANGE
lobby    rest    added
rest     rest    changed
kiosk    rest    removed
agent: kept
`}
	if diff := cmp.Diff(want, r.command(t, "reload"), cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if lobby, kiosk := r.status(t, "lobby"), r.status(t, "kiosk"); lobby != 200 || kiosk != 404 {
		t.Errorf("lobby answers %d and kiosk %d, want 200 and 404", lobby, kiosk)
	}
	for token, want := range map[string]int{"one": 401, "two": 200} {
		if res, body := r.post("", `{"message":"hi"}`, "Authorization", "Bearer "+token); res.StatusCode != want {
			t.Errorf("token %s: status %d, want %d: %s", token, res.StatusCode, want, body)
		}
	}
	if got := r.command(t, "status"); !strings.Contains(got.out, "\nconfiguration: revision 2, reloaded TIME\n") {
		t.Errorf("status %s", got.out)
	}
}

// A reload that fails is exit code 1 with every mistake; what was in use serves on.
func TestReloadFails(t *testing.T) {
	t.Parallel()
	r := newReloaded(t)
	r.write(t, "credentials.yml", "rset:\n")
	r.write(t, "endpoints.yml", "agent: {type: ecco}\n")
	got := r.command(t, "reload")
	want := `manyvox: failed_precondition: ` + r.dir + `/credentials.yml:1: unknown channel "rset": did you mean "rest"?
` + r.dir + `/endpoints.yml:1: agent: unknown type "ecco": did you mean "echo"?
`
	if got.code != 1 || got.out != "" || got.err != want {
		t.Errorf("exit code %d, output %q, errors\n%s\nwant 1 and\n%s", got.code, got.out, got.err, want)
	}
	if kiosk := r.status(t, "kiosk"); kiosk != 200 {
		t.Errorf("kiosk answers %d after a reload that failed", kiosk)
	}
	if got := r.command(t, "status"); !strings.Contains(got.out, "configuration: revision 1; the reload of TIME FAILED: ") {
		t.Errorf("status %s", got.out)
	}
	if log := r.err.String(); !strings.Contains(log, "reload failed") || !strings.Contains(log, "rset") {
		t.Errorf("log %s", log)
	}
}

// A reload puts other agents and their routes in use together.
func TestReloadOfAgents(t *testing.T) {
	t.Parallel()
	r := newReloaded(t)
	ask := func() string {
		_, body := r.post("", `{"message":"hi"}`, "Authorization", "Bearer one")
		return body
	}
	const several = "agents: {main: {type: echo}, other: {type: echo}}\nroutes: [{channel: rest, agent: other}]\ndefault: main\nstore: {type: memory}\n"
	for _, change := range []string{"changed", "kept"} {
		r.write(t, "endpoints.yml", several)
		if got := r.command(t, "reload"); !strings.Contains(got.out, "agent: "+change+"\n") {
			t.Errorf("reload %s%s", got.out, got.err)
		}
	}
	if body := ask(); !strings.Contains(body, "hi") {
		t.Errorf("answer %s", body)
	}
	r.write(t, "endpoints.yml", strings.Replace(several, "agent: other}", "agent: main}", 1))
	if got := r.command(t, "reload"); !strings.Contains(got.out, "agent: changed\n") {
		t.Errorf("reload of a route: %s%s", got.out, got.err)
	}
}

// A change of the store and of stale_after needs a restart, and the reload says so.
func TestReloadNeedsARestart(t *testing.T) {
	t.Parallel()
	r := newReloaded(t)
	const notes = "note: store: changed: it needs a restart; the program goes on with the store that it has\n" +
		"note: limits: stale_after: changed: it needs a restart; the program goes on with 24h0m0s\n"
	r.write(t, "endpoints.yml", "agent: {type: echo, timeout: 1m}\nstore: {type: memory, retention: 1h}\nlimits: {stale_after: 1h, text: 2}\n")
	for _, agent := range []string{"changed", "kept"} { // what is not in use is told again
		if got := r.command(t, "reload"); !strings.Contains(got.out, "agent: "+agent+"\n"+notes) {
			t.Errorf("reload %s%s", got.out, got.err)
		}
	}
	if res, body := r.post("", `{"message":"four"}`, "Authorization", "Bearer one"); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a text over the new limit: %d %s", res.StatusCode, body)
	}
}

// SIGHUP reloads; its outcome is in the log.
func TestReloadOnHangup(t *testing.T) {
	t.Parallel()
	r := newReloaded(t)
	r.write(t, "credentials.yml", "rest:\n")
	r.hangups <- syscall.SIGHUP
	r.err.await(t, "reloaded")
	if kiosk := r.status(t, "kiosk"); kiosk != 404 {
		t.Errorf("kiosk answers %d after a reload without it", kiosk)
	}
	r.write(t, "credentials.yml", "rset:\n")
	r.hangups <- syscall.SIGHUP
	r.err.await(t, "reload failed")
	if code := r.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
