package rasa_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/rasa/rasatest"
)

// sorry is what a user is told whose message was given up.
const sorry = "Sorry, that went wrong."

// runs returns the names of the actions that have run for a sender.
func runs(lines []rasatest.Line) []string {
	var names []string
	for _, l := range lines {
		names = append(names, l.Action)
	}
	return names
}

// ranOnce expects one run of action_count for a sender.
func (b *bot) ranOnce(t *testing.T, sender string) {
	t.Helper()
	if diff := cmp.Diff([]string{"action_count"}, runs(b.Actions.Lines(sender))); diff != "" {
		t.Errorf("runs for %s (-want +got):\n%s", sender, diff)
	}
}

// slowAction delays its own conversation alone, and runs once.
func slowAction(t *testing.T, b *bot) {
	address := b.manyvox(t, "rest:\n", "")
	release := b.Actions.Hold("slow")
	defer release()
	var waiting sync.WaitGroup
	waiting.Go(func() {
		ask(t, address, "", map[string]any{"sender": "slow", "message": "/count"}).expect(t, "counted")
	})
	b.Actions.Wait(t, "slow", 1)
	ask(t, address, "", map[string]any{"sender": "quick", "message": "/count"}).expect(t, "counted")
	release()
	waiting.Wait()
	b.ranOnce(t, "slow")
}

// tooSlowAction is given up by its caller, and by a stored message for good: the action may
// have done its work, so it is not run again.
func tooSlowAction(t *testing.T, b *bot) {
	defer b.Actions.Hold("late")()
	defer b.Actions.Hold("posted-late")()
	g := newTarget(t)
	address := b.manyvox(t, "rest:\ncallback: {url: \""+g.url+"\"}\n", "timeout: 10s, on_failure: \""+sorry+"\"")
	postCount(t, address, "posted-late", "late-1")
	got := ask(t, address, "", map[string]any{"sender": "late", "message": "/count"})
	got.expect(t, "error deadline_exceeded")
	g.hears(t, "posted-late: "+sorry)
	// A machine that is busy may have needed all of the time to get there.
	for _, sender := range []string{"late", "posted-late"} {
		if n := len(b.Actions.Lines(sender)); n > 1 {
			t.Errorf("%d runs for %s", n, sender)
		}
	}
}

// failingAction is silence at Rasa's own REST channel: what the action has said is lost.
func failingAction(t *testing.T, b *bot) {
	address := b.manyvox(t, "rest:\n", "")
	for _, query := range []string{"", "?stream=true"} {
		ask(t, address, query, map[string]any{"sender": "fail" + query, "message": "/fail"}).expect(t)
		ask(t, address, query, map[string]any{"sender": "fail" + query, "message": "/fail_between"}).expect(t, "Hello! How are you?", "image")
		if diff := cmp.Diff([]string{"action_fail", "action_fail"}, runs(b.Actions.Lines("fail"+query))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// actionServerDies in the middle of a turn: Rasa goes on without the action, and nobody
// runs it again.
func actionServerDies(t *testing.T, b *bot) {
	address := b.manyvox(t, "rest:\n", "")
	byChannel := b.manyvox(t, "rest:\n", "channel: manyvox")
	ask(t, address, "", map[string]any{"sender": "dead", "message": "/die_between"}).expect(t, "Hello! How are you?", "image")
	ask(t, address, "", map[string]any{"sender": "dead", "message": "/count_between"}).expect(t, "Hello! How are you?", "image")
	ask(t, byChannel, "", map[string]any{"sender": "dead", "message": "/count_between"}).expect(t, "Hello! How are you?", "image", "error agent_failed")
	b.Actions.Restart()
	ask(t, byChannel, "", map[string]any{"sender": "dead", "message": "/count"}).expect(t, "counted")
	if diff := cmp.Diff([]string{"action_die", "action_count"}, runs(b.Actions.Lines("dead"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// rasaIsKilled in the middle of turns. Whoever waits is told so, a stored message is given
// up, and what comes while Rasa is down waits for it. No action runs twice.
func rasaIsKilled(t *testing.T, b *bot) {
	for _, sender := range []string{"waits", "streams", "posts"} {
		defer b.Actions.Hold(sender)()
	}
	g := newTarget(t)
	address := b.manyvox(t, "rest:\ncallback: {url: \""+g.url+"\"}\n", "on_failure: \""+sorry+"\"")
	var waiting sync.WaitGroup
	waiting.Go(func() {
		ask(t, address, "", map[string]any{"sender": "waits", "message": "/count_between"}).expect(t, "error agent_failed")
	})
	waiting.Go(func() {
		ask(t, address, "?stream=true", map[string]any{"sender": "streams", "message": "/count_between"}).expect(t, "Hello! How are you?", "error agent_failed")
	})
	postCount(t, address, "posts", "kill-1")
	for _, sender := range []string{"waits", "streams", "posts"} {
		b.Actions.Wait(t, sender, 1)
	}
	b.Kill()
	waiting.Wait()
	g.hears(t, "posts: "+sorry)
	ask(t, address, "", map[string]any{"sender": "early", "message": "/count"}).expect(t, "error unavailable")
	postCount(t, address, "patient", "kill-2")
	b.Restart()
	g.hears(t, "posts: "+sorry, "patient: counted")
	ask(t, address, "", map[string]any{"sender": "early", "message": "/count"}).expect(t, "counted")
	for _, sender := range []string{"waits", "streams", "posts", "patient", "early"} {
		b.ranOnce(t, sender)
	}
}

// manyvoxIsKilled in the middle of a turn: the stored message is handed to Rasa once more,
// under its id and as the second attempt, and its user sees one answer.
func manyvoxIsKilled(t *testing.T, b *bot) {
	release := b.Actions.Hold("survivor")
	defer release()
	target, err := url.Parse(b.URL)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var attempts []string
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) {} // the killed one has gone
	rasa := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		attempts = append(attempts, r.Header.Get("Manyvox-Attempt"))
		mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(rasa.Close)
	g := newTarget(t)
	dir := folder(t, map[string]string{
		"credentials.yml": "callback: {url: \"" + g.url + "\"}\n", "endpoints.yml": "agent: {type: rasa, channel: manyvox, url: \"" + rasa.URL + "\"}\n",
	})
	child, address := startChild(t, dir)
	postCount(t, address, "survivor", "m-1")
	b.Actions.Wait(t, "survivor", 1)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	release()
	startChild(t, dir)
	g.hears(t, "survivor: counted")
	lines := b.Actions.Lines("survivor")
	var got []string
	for _, l := range lines {
		got = append(got, fmt.Sprintf("%s for %s", l.Action, l.MessageID))
	}
	if diff := cmp.Diff([]string{"action_count for m-1", "action_count for m-1"}, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff([]string{"1", "2"}, attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}
