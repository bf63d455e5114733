package slacktest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// clients is where Slack's own clients are installed.
const clients = "../clients"

// needClients skips a test that cannot run here. In CI nothing may be missing.
func needClients(t *testing.T) {
	t.Helper()
	missing := ""
	if _, err := os.Stat(clients + "/node_modules/@slack"); err != nil {
		missing = "no node_modules: run npm ci in channels/slack/clients"
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing = "no node on this machine"
	}
	switch {
	case missing != "" && os.Getenv("CI") == "true":
		t.Fatal(missing)
	case missing != "":
		t.Skip(missing)
	}
}

// program is a program of the clients that runs.
type program struct {
	t     *testing.T
	ctx   context.Context
	cmd   *exec.Cmd
	in    io.Closer
	lines chan string
}

// node starts a program of the clients.
func node(t *testing.T, name string, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	p := &program{t: t, ctx: ctx, cmd: exec.CommandContext(ctx, "node", append([]string{clients + "/" + name}, args...)...), lines: make(chan string, 100)}
	p.cmd.Stderr = t.Output()
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in = in
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	return p
}

// says expects the next lines.
func (p *program) says(want ...string) {
	p.t.Helper()
	for _, line := range want {
		if got := p.line(); got != line {
			p.t.Fatalf("%q, want %q", got, line)
		}
	}
}

func (p *program) line() string {
	p.t.Helper()
	select {
	case line := <-p.lines:
		return line
	case <-p.ctx.Done():
		p.t.Fatal("it says nothing")
	}
	return ""
}

// end has the program end, and returns the lines that are left.
func (p *program) end() (left []string) {
	p.t.Helper()
	p.in.Close()
	for line := range p.lines {
		left = append(left, line)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Error(err)
	}
	return left
}

// serve serves a server, and returns its Web API.
func serve(t *testing.T, s *slacktest.Server) (api string) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); server.Close() })
	return server.URL + "/api/"
}

// await waits for something at the server.
func await(t *testing.T, s *slacktest.Server, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Wait(ctx, done); err != nil {
		t.Fatalf("%s: %v, after %d calls and %+v", what, err, len(s.Calls()), s.Deliveries())
	}
}

// TestBolt has Slack's own framework take what the server delivers, and refuse it with a byte
// changed.
func TestBolt(t *testing.T) {
	t.Parallel()
	needClients(t)
	var lose atomic.Bool
	s := slacktest.New(slacktest.Options{Grace: time.Minute, Lose: func(_ string, n int) bool { return lose.Load() && n == 1 }})
	p := node(t, "receive.mjs", serve(t, s), token, "manyvox-test-secret")
	var port int
	if _, err := fmt.Sscanf(p.line(), "listening %d", &port); err != nil {
		t.Fatal(err)
	}
	to := fmt.Sprintf("http://127.0.0.1:%d/slack/events", port)
	if err := s.SetRequestURL(p.ctx, to); err != nil {
		t.Fatal(err)
	}
	ina := s.Person(slacktest.Ina)
	ina.Say(ina.DM(), "Hello & 👋")
	p.says("message im Hello &amp; 👋")
	ts := ina.Mention("C1", "when?")
	mentioned := []string{p.line(), p.line()} // Bolt runs both at once
	slices.Sort(mentioned)
	if diff := cmp.Diff([]string{"app_mention <@U0BOT1> when?", "message channel <@U0BOT1> when?"}, mentioned); diff != "" {
		t.Fatal(diff)
	}
	await(t, s, "an answer in the thread", func() bool { c := s.Chat("C1"); return len(c.Thread(ts)) == 2 })
	ina.Upload(ina.DM(), "see", slacktest.File{Name: "a.pdf", Data: []byte("%PDF")})
	p.says("message im file_share see a.pdf application/pdf 4")
	ina.Edit("C1", ts, "then?")
	p.says("message channel message_changed")
	ina.Shortcut("C1", ts, "sum")
	p.says("shortcut message_action then?")
	ina.Say(ina.DM(), "buttons")
	p.says("message im buttons")
	await(t, s, "buttons", func() bool { return ina.Click(ina.DM(), "Yes") })
	p.says("action button /yes")
	await(t, s, "an answer by response_url", func() bool { return len(s.Calls("response_url")) == 1 })
	ina.Command("C1", "/ask", "how & why")
	p.says("command /ask how & why")
	await(t, s, "all is taken", func() bool { return s.Pending() == 0 })
	lose.Store(true)
	ina.Say(ina.DM(), "twice")
	p.says("message im twice", "message im twice retry 1 http_timeout")
	await(t, s, "all is taken", func() bool { return s.Pending() == 0 })
	c := s.Chat("C1")
	if last := c.Messages[len(c.Messages)-1]; last.Text != "you ask how & why" || last.OnlyFor != slacktest.Ina {
		t.Errorf("%+v", last)
	}
	checkSigned(t, to)
	if diff := cmp.Diff([]string{"stopped"}, p.end()); diff != "" {
		t.Error(diff)
	}
}

// checkSigned has an app refuse what is not as it was signed.
func checkSigned(t *testing.T, to string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	const body = `{"type":"url_verification","challenge":"c"}`
	for name, change := range map[string]struct {
		body string
		late time.Duration
		want int
	}{
		"as it is":      {body, 0, 200},
		"a byte":        {strings.Replace(body, `"c"`, `"d"`, 1), 0, 401},
		"one more byte": {body + "\n", 0, 401},
		"six minutes":   {body, 6 * time.Minute, 401},
	} {
		req, _ := http.NewRequest(http.MethodPost, to, strings.NewReader(change.body))
		req.Header = slacktest.Sign("manyvox-test-secret", time.Now().Add(-change.late), []byte(body))
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != change.want {
			t.Errorf("%s: %d, want %d", name, res.StatusCode, change.want)
		}
	}
}

// TestWebAPI has Slack's own client post, stream and upload, be refused, and wait for its rate.
func TestWebAPI(t *testing.T) {
	t.Parallel()
	needClients(t)
	s := slacktest.New(slacktest.Options{Rates: true})
	api := serve(t, s)
	s.FailHTTP("conversations.open", http.StatusTooManyRequests, 1)
	ina := s.Person(slacktest.Ina)
	root := ina.Say("C1", "hi")
	p := node(t, "post.mjs", api, token, "C1", root, ina.ID)
	want := []string{
		"T0AAA1 U0BOT1 B0BOT1 true",
		"slack_webapi_platform_error channel_not_found",
		"slack_webapi_platform_error msg_too_long",
		"slack_webapi_platform_error invalid_blocks [ERROR] no fewer than 1 items allowed [json-pointer:/blocks/0/elements]",
		"slack_webapi_platform_error invalid_auth",
		"U0AAA1,U0BOT1",
		"rate limited for 1 s", ina.DM(),
		"slack_webapi_rate_limited_error true", "after 18 calls", // two pages were read before
	}
	if diff := cmp.Diff(want, p.end()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	c := s.Chat("C1")
	grown := "**gro" + strings.Repeat("w", 300) + "ing**"
	if diff := cmp.Diff([]string{"two", grown, "see"}, c.Texts()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if thread := c.Thread(root); len(thread) != 3 || thread[1].Streaming || len(thread[1].Versions) == 0 || len(thread[1].Blocks) != 1 {
		t.Errorf("%+v", thread)
	}
	if f, ok := s.File(c.Messages[3].Files[0]); !ok || string(f.Data) != "bytes" || f.MIME != "text/plain; charset=utf-8" {
		t.Errorf("%+v", f)
	}
}

// TestSocketMode has Slack's own client fetch by a socket, through a disconnection, and again
// what it did not acknowledge.
func TestSocketMode(t *testing.T) {
	t.Parallel()
	needClients(t)
	s := slacktest.New(slacktest.Options{})
	api := serve(t, s)
	p := node(t, "socket.mjs", api, "xapp-fake")
	p.says("connected")
	ina := s.Person(slacktest.Ina)
	ina.Say("C1", "Hello 👋")
	p.says("message Hello 👋")
	ina.Command("C1", "/ask", "when")
	p.says("command /ask when")
	await(t, s, "the answer", func() bool { c := s.Chat("C1"); return len(c.Texts()) == 1 })
	s.Disconnect("warning")
	await(t, s, "the socket is left", func() bool { return s.Sockets() == 0 || len(s.Calls("apps.connections.open")) == 2 })
	ina.Say("C1", "meanwhile")
	p.says("connected")
	if line := p.line(); !strings.HasPrefix(line, "message meanwhile") { // again, where the client took long
		t.Errorf("%q", line)
	}
	ina.Say("C1", "silence")
	p.says("message silence retry 1 timeout")
	await(t, s, "all is taken", func() bool { return s.Pending() == 0 })
	if diff := cmp.Diff([]string{"stopped"}, p.end()); diff != "" || s.Dropped() != 0 {
		t.Error(diff, s.Dropped())
	}
}
