package cmd_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// smsPlatform is where an smsChannel sends to. Its killer stops children at the calls "menu",
// "held", "text", "image" and "read".
type smsPlatform struct {
	killer killer

	mu   sync.Mutex
	sent []sentSMS // in the order in which they came
	// read has what the agent found in the attachments of a message, once for each attempt.
	read  map[smsMessage][]string
	holds map[string]*hold // by sender
	grown chan struct{}    // closed at the next call
}

// sentSMS is what a child has sent.
type sentSMS struct {
	sms
	child string
}

// smsMessage names a message of a user.
type smsMessage struct{ sender, id string }

// hold keeps the lists of choices for one sender on their way.
type hold struct {
	came bool
	over chan struct{}
}

func newSMSPlatform() *smsPlatform {
	return &smsPlatform{read: map[smsMessage][]string{}, holds: map[string]*hold{}, grown: make(chan struct{})}
}

func (g *smsPlatform) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var m sms
	if err != nil || json.Unmarshal(body, &m) != nil {
		return // it was killed
	}
	child := r.Header.Get("X-Child")
	switch {
	case r.URL.Path == "/read":
		g.note(func() {
			g.read[smsMessage{m.Sender, m.Message}] = append(g.read[smsMessage{m.Sender, m.Message}], m.Text)
		})
		g.killer.during("read", child, func() {})
	case m.Image != "":
		g.killer.during("image", child, func() { g.take(m, child) })
	case !isMenu(m):
		g.killer.during("text", child, func() { g.take(m, child) })
	default:
		if h := g.held(m.Sender); h != nil {
			g.killer.during("held", child, func() {})
			select {
			case <-h.over:
			case <-r.Context().Done():
			}
			if r.Context().Err() != nil {
				return // it was killed
			}
		}
		g.killer.during("menu", child, func() { g.take(m, child) })
	}
}

// isMenu reports whether a part lists choices.
func isMenu(m sms) bool { return strings.Contains(m.Text, "\n1. ") }

// take is called when a part arrives.
func (g *smsPlatform) take(m sms, child string) {
	g.note(func() { g.sent = append(g.sent, sentSMS{m, child}) })
}

// note changes what is known, and tells those who wait.
func (g *smsPlatform) note(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
	close(g.grown)
	g.grown = make(chan struct{})
}

// held returns what keeps a list of choices for a sender on its way, nil when nothing does.
func (g *smsPlatform) held(sender string) (h *hold) {
	g.note(func() {
		if h = g.holds[sender]; h != nil {
			h.came = true
		}
	})
	return h
}

// hold keeps the next list of choices for a sender on its way, until release is called.
func (g *smsPlatform) hold(sender string) (release func()) {
	h := &hold{over: make(chan struct{})}
	g.note(func() { g.holds[sender] = h })
	return func() {
		g.note(func() { delete(g.holds, sender) })
		close(h.over)
	}
}

// awaitHeld waits until a list of choices is on its way to a sender.
func (g *smsPlatform) awaitHeld(t *testing.T, sender string) bool {
	return g.await(t, "a part that is held for "+sender, func() bool { return g.holds[sender].came })
}

// awaitAnswer waits until the image of an answer has come: what was before it is settled.
func (g *smsPlatform) awaitAnswer(t *testing.T, sender, id string) bool {
	return g.await(t, fmt.Sprintf("the answer to %s of %s", id, sender), func() bool { return g.answered()[sender][id] })
}

// goesOn waits until each user got another answer: a turn that is cut too often becomes a dead
// letter.
func (g *smsPlatform) goesOn(t *testing.T) bool {
	g.mu.Lock()
	before := g.answered()
	g.mu.Unlock()
	return g.await(t, "an answer for each user", func() bool {
		now := g.answered()
		for i := range writers {
			if sender := strconv.Itoa(i); len(now[sender]) <= len(before[sender]) {
				return false
			}
		}
		return true
	})
}

// answered returns the ids of the messages that were answered, by sender.
func (g *smsPlatform) answered() map[string]map[string]bool {
	list := map[string]map[string]bool{}
	for _, s := range g.sent {
		if list[s.Sender] == nil {
			list[s.Sender] = map[string]bool{}
		}
		if s.Image != "" {
			list[s.Sender][s.Message] = true
		}
	}
	return list
}

// await waits until done reports true, with the lock held. It reports false when that takes
// too long.
func (g *smsPlatform) await(t *testing.T, what string, done func() bool) bool {
	limit := time.After(6 * waitTimeout)
	for {
		g.mu.Lock()
		grown, over := g.grown, done()
		g.mu.Unlock()
		if over {
			return true
		}
		select {
		case <-grown:
		case <-limit:
			t.Errorf("missing: %s", what)
			return false
		}
	}
}

// verify checks that the messages m1, m2 and so on of a sender were answered in order, each
// once, by a text and an image. A part comes twice only from two children, one after the
// other. It returns how many turns were interrupted after their answer.
func (g *smsPlatform) verify(t *testing.T, sender string, texts []string) (interrupted int) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []string // message, text
	var before sentSMS
	for _, s := range g.sent {
		again := s.Part == before.Part
		switch {
		case s.Sender != sender:
			continue
		case again && s.child == before.child:
			t.Errorf("%s: %+v came again without need", sender, s)
		case !again && s.Text == sorry:
			interrupted++
		case !again:
			list = append(list, s.Message+": "+s.Text+s.Image)
		}
		before = s
	}
	var want []string
	for i, text := range texts {
		id := fmt.Sprintf("m%d: ", i+1)
		want = append(want, id+text, id+smsImage)
	}
	for i := range max(len(list), len(want)) {
		if i >= len(list) || i >= len(want) || list[i] != want[i] {
			t.Fatalf("%s: part %d of %d is %q, want %q", sender, i, len(list), list[i:min(i+1, len(list))], want[i:min(i+1, len(want))])
		}
	}
	return interrupted
}

// smsImage ends each answer.
const smsImage = private + "image"
