package rasa_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/rasa/rasatest"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

const (
	moving   = "rasa.md"
	person   = "U0123"
	verified = "facebook-verify"
	apiKey   = "k3y"
)

// moved is the environment of both programs in the page.
func moved() []string {
	return []string{
		"SLACK_TOKEN=xoxb-fake", "SLACK_SIGNING_SECRET=manyvox-test-secret", "FACEBOOK_VERIFY=" + verified,
		"FACEBOOK_SECRET=f", "FACEBOOK_TOKEN=t", "MYIO_KEY=" + apiKey, "RASA_PUSH_SECRET=" + secret,
	}
}

// TestMoving does what docs/rasa.md says. People write to Rasa's own channels, then to the
// pair, and their trackers go on.
func TestMoving(t *testing.T) {
	t.Parallel()
	trackers := "tracker_store: {type: SQL, dialect: sqlite, db: \"" + filepath.Join(t.TempDir(), "trackers.db") + "\"}\n"
	before := block(t, moving, "yaml", 1)
	start := func(credentials string) *rasatest.Server {
		return rasatest.Start(t, rasatest.Options{Credentials: credentials, Endpoints: trackers, Env: moved(), Files: map[string]string{
			"manyvox_channel.py": file(t, "manyvox_channel.py"), "addons/__init__.py": "", "addons/my.py": file(t, "testdata/addons/my.py"),
		}})
	}
	checkBefore(t, before)

	rasa := start(before)
	ask(t, rasa.URL, "", map[string]any{"sender": "ann", "message": "hello"}).expect(t, "Hello! How are you?")
	old := newWidget(t, rasa.URL)
	session := old.session("s1")
	if got := old.says(session, "hello"); session != "s1" || got != "Hello! How are you?" {
		t.Errorf("session %s: %s", session, got)
	}
	writeSlack(slackOf(t, rasa.URL), "/silent") // Rasa has no way to the fake
	began := goesOn(t, rasa, person, "slack", "/silent")
	stays(t, rasa.URL)
	rasa.Kill()

	rasa = start(block(t, moving, "yaml", 2))
	toManyvox := &door{} // the fake delivers to Manyvox, whose files name the fake
	events := httptest.NewServer(toManyvox)
	t.Cleanup(events.Close)
	fake := slackOf(t, events.URL)
	slack := httptest.NewServer(fake)
	t.Cleanup(slack.Close)
	dir := folder(t, map[string]string{
		"credentials.yml": replaced(t, block(t, moving, "yaml", 3), "slack:\n", "slack:\n  api_base_url: "+slack.URL+"/api\n"),
		"endpoints.yml":   replaced(t, block(t, moving, "yaml", 4), "http://localhost:5006", rasa.URL),
	})
	if out, err := command(t, dir, moved(), "check", "--probe").CombinedOutput(); err != nil || !strings.Contains(string(out), "Hello from Rasa: 3.6.21") {
		t.Errorf("manyvox check --probe: %v\n%s", err, out)
	}
	_, address := startChild(t, dir, moved()...)
	ask(t, address, "", map[string]any{"sender": "ann", "message": "/channels"}).expect(t, "For rest.")
	goesOn(t, rasa, "ann", "rest", "hello", "/channels")
	toManyvox.leadTo(t, address)
	writeSlack(fake, "/channels")
	shown := func() []string { c := fake.Chat(slacktest.DM(person)); return c.Texts() }
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	if err := fake.Wait(ctx, func() bool { return len(shown()) > 0 }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"For slack."}, shown()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if now := goesOn(t, rasa, person, "slack", "/silent", "/channels"); now.Sender != began.Sender {
		t.Errorf("the tracker of %s is now that of %s", began.Sender, now.Sender)
	}
	w := newWidget(t, address)
	if session = w.session("s1"); session == "s1" {
		t.Error("a session goes on that docs/rasa.md says begins anew")
	}
	if got := w.says(session, "/channels"); got != "For socketio." {
		t.Errorf("the widget is told %q", got)
	}
	stays(t, rasa.URL)
	goesOn(t, rasa, "my-user", "myio", "hello", "hello")
}

// checkBefore compares what the page says that check prints.
func checkBefore(t *testing.T, credentials string) {
	t.Helper()
	dir := folder(t, map[string]string{"credentials.yml": credentials, "endpoints.yml": "agent: {type: echo}\n"})
	out, err := command(t, dir, moved(), "check", "--credentials", "credentials.yml").CombinedOutput()
	if err == nil {
		t.Error("check takes all of it")
	}
	if diff := cmp.Diff(block(t, moving, "text", 1), string(out)); diff != "" {
		t.Errorf("check (-docs/rasa.md +program):\n%s", diff)
	}
}

// stays asks the channels that stay with Rasa.
func stays(t *testing.T, rasa string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, rasa+"/webhooks/myio/webhook", strings.NewReader(`{"user": "my-user", "message": "hello"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-API-Key", apiKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	read(t, res.StatusCode, body).expect(t, "Hello! How are you?")
	challenge := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {verified}, "hub.challenge": {"4711"}}
	res, err = http.Get(rasa + "/webhooks/facebook/webhook?" + challenge.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != "4711" {
		t.Errorf("facebook: %s, %v", body, err)
	}
}

// slackOf is Slack as an app has it whose Request URL is at a server.
func slackOf(t *testing.T, server string) *slacktest.Server {
	t.Helper()
	fake := slacktest.New(slacktest.Options{RequestURL: server + "/webhooks/slack/webhook"})
	t.Cleanup(fake.Close)
	return fake
}

// writeSlack has the person write to the bot.
func writeSlack(fake *slacktest.Server, text string) {
	p := fake.Person(person)
	p.Say(p.DM(), text)
}

// goesOn waits until the tracker has what a user has said, by one channel, and returns it.
func goesOn(t *testing.T, rasa *rasatest.Server, sender, channel string, texts ...string) rasatest.Tracker {
	t.Helper()
	for end := time.Now().Add(waitTimeout); ; {
		tracker := rasa.Tracker(t, sender)
		said := tracker.Of("user")
		if len(said) < len(texts) && time.Now().Before(end) {
			continue
		}
		var got []string
		for _, e := range said {
			got = append(got, e.InputChannel+" "+e.Text)
		}
		var want []string
		for _, text := range texts {
			want = append(want, channel+" "+text)
		}
		if diff := cmp.Diff(want, got); diff != "" || tracker.LatestInputChannel != channel || tracker.Sender != sender {
			t.Errorf("tracker of %s, %s (-want +got):\n%s", tracker.Sender, tracker.LatestInputChannel, diff)
		}
		return tracker
	}
}

// replaced is a text with one thing in place of another, which must be there.
func replaced(t *testing.T, text, old, now string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("no %q in:\n%s", old, text)
	}
	return strings.Replace(text, old, now, 1)
}
