package cmd_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// livePlatform is where a liveChannel sends to. It stops the program at chosen calls.
type livePlatform struct {
	mu       sync.Mutex
	messages []*liveMessage
	last     map[string]liveCall // of each sender
	// answered is the number of the last message of each sender that something was posted for.
	answered map[string]int
	// unsure counts the stops after which a part may come once more: its last call was
	// its open or its send.
	unsure map[string]int
	// late is how many calls may come late: those that a replica was about to make when it
	// was frozen.
	late int
	plan *killPlan // nil while none is planned
	// stop ends the child, or freezes it. Stopped says that what still comes from it was on
	// its way.
	stop    func()
	stopped string        // its number, empty while none is
	grown   chan struct{} // closed at the next call
}

// liveMessage is a message on the platform.
type liveMessage struct {
	id, sender, part, text string
	open                   bool
}

type liveCall struct{ part, name string }

// killPlan says at which call of a name a child is stopped, counted down, and when: before
// the platform takes the call, before it answers, or so long after.
type killPlan struct {
	child string
	call  string
	skip  int
	taken bool
	after time.Duration // less than zero is before the answer
}

func newLivePlatform() *livePlatform {
	return &livePlatform{last: map[string]liveCall{}, answered: map[string]int{}, unsure: map[string]int{}, grown: make(chan struct{})}
}

func (g *livePlatform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var p livePost
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		return // it was killed
	}
	call := strings.TrimPrefix(r.URL.Path, "/")
	g.mu.Lock()
	defer g.mu.Unlock()
	kill := g.meets(call, r.Header.Get("X-Child"))
	if g.last[p.Sender] = (liveCall{p.Part, call}); r.Header.Get("X-Child") == g.stopped && (call == "open" || call == "send") {
		g.unsure[p.Part]++
	}
	if kill != nil && kill.after < 0 {
		g.halt(kill.child)
		if !kill.taken {
			panic(http.ErrAbortHandler) // the connection breaks
		}
	}
	if err := g.take(call, &p); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	close(g.grown)
	g.grown = make(chan struct{})
	_, _ = io.WriteString(w, p.Message)
	if kill != nil && kill.after >= 0 {
		time.AfterFunc(kill.after, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.halt(kill.child)
		})
	}
}

// meets returns the plan if it is about this call, and counts down.
func (g *livePlatform) meets(call, child string) *killPlan {
	plan := g.plan
	if plan == nil || plan.call != call || plan.child != child {
		return nil
	}
	if plan.skip--; plan.skip >= 0 {
		return nil
	}
	g.plan = nil
	return plan
}

// halt ends the child of that number, or freezes it.
func (g *livePlatform) halt(child string) {
	g.stop()
	g.stopped = child
	for _, call := range g.last {
		if call.name == "open" || call.name == "send" {
			g.unsure[call.part]++
		}
	}
}

// take does what a call asks for.
func (g *livePlatform) take(call string, p *livePost) error {
	if call == "open" || call == "send" {
		p.Message = fmt.Sprint(len(g.messages))
		first, _, _ := strings.Cut(p.Text, " ")
		if n, err := strconv.Atoi(strings.TrimRight(strings.TrimPrefix(first, private), "abcdefghijklmnopqrs")); err == nil {
			g.answered[p.Sender] = max(g.answered[p.Sender], n)
		}
		g.messages = append(g.messages, &liveMessage{p.Message, p.Sender, p.Part, p.Text, call == "open"})
		return nil
	}
	for _, m := range g.messages {
		switch {
		case m.id != p.Message:
		case call == "append" && !m.open:
			return fmt.Errorf("message %s was closed", m.id)
		case call == "append":
			m.text += p.Piece
			return nil
		case p.Piece == p.Text:
			m.text, m.open = p.Text, false
			return nil
		default:
			m.text += p.Piece
			m.open = false
			return nil
		}
	}
	return fmt.Errorf("there is no message %q", p.Message)
}

// stopNext plans to stop a child.
func (g *livePlatform) stopNext(p *childProcess, stop func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stop, g.stopped = stop, ""
	calls := []string{"open", "append", "close"}
	g.plan = &killPlan{
		child: strconv.Itoa(p.number), call: calls[rand.N(len(calls))], skip: rand.N(20), taken: rand.N(2) == 0,
		after: time.Duration(rand.N(4)-1) * time.Millisecond,
	}
}

// await waits until done reports true of the messages.
func (g *livePlatform) await(t *testing.T, done func([]liveMessage) bool) {
	t.Helper()
	limit := time.After(2 * waitTimeout)
	for {
		g.mu.Lock()
		grown := g.grown
		over := done(g.snapshot())
		g.mu.Unlock()
		if over {
			return
		}
		select {
		case <-grown:
		case <-limit:
			t.Fatal("the last reply is missing")
		}
	}
}

// snapshot returns the messages, in the order in which they were posted. The lock is held.
func (g *livePlatform) snapshot() (list []liveMessage) {
	for _, m := range g.messages {
		list = append(list, *m)
	}
	return list
}

// ahead is how many messages of a writer may wait for their answers.
const ahead = 10

// pace waits until a writer is not too far ahead of the answers.
func (g *livePlatform) pace(t *testing.T, sender string, n int) {
	for {
		g.mu.Lock()
		grown := g.grown
		answered := g.answered[sender]
		g.mu.Unlock()
		if n <= answered+ahead {
			return
		}
		select {
		case <-grown:
		case <-t.Context().Done():
			return
		}
	}
}
