package rasatest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Line tells of one run of an action.
type Line struct {
	Action    string          `json:"action"`
	Sender    string          `json:"sender"`
	Channel   string          `json:"channel"` // the tracker's latest_input_channel
	MessageID string          `json:"message_id"`
	Text      string          `json:"text"`
	Metadata  json.RawMessage `json:"metadata"` // of the message, as the tracker has it
}

// Actions is the bot's action server. Each run of an action sends a line to the test
// before it does anything else, and goes on when the test lets it.
type Actions struct {
	// URL is its address, also after a Restart.
	URL string

	t       testing.TB
	python  string
	process process

	mu    sync.Mutex
	lines []Line
	held  map[string]chan struct{} // by sender: closed when its runs may go on
	more  chan struct{}            // closed at the next line
}

// startActions starts the action server and returns when it listens.
func startActions(t testing.TB, python string) *Actions {
	t.Helper()
	a := &Actions{t: t, python: python, held: map[string]chan struct{}{}, more: make(chan struct{})}
	gate := httptest.NewServer(a)
	t.Cleanup(gate.Close) // after the action server has ended
	a.process = process{
		name:  "The action server",
		dir:   Bot(t),
		env:   environment("RASATEST_GATE=" + gate.URL),
		ready: "Action endpoint is up and running",
		args: func(port int) []string {
			return []string{"rasa_sdk", "--actions", "actions", "--port", strconv.Itoa(port)}
		},
	}
	a.process.start(t, python)
	a.URL = "http://" + a.process.address()
	return a
}

// Kill ends the action server by SIGKILL and returns when it has ended.
func (a *Actions) Kill() { a.process.kill() }

// Restart starts the action server at its old address and returns when it listens.
func (a *Actions) Restart() {
	a.t.Helper()
	a.process.restart(a.t, a.python)
}

// Lines returns a line for each run of an action, in their order. Lines of other senders
// than those named are left out; no sender stands for all.
func (a *Actions) Lines(senders ...string) []Line {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.of(senders)
}

func (a *Actions) of(senders []string) []Line {
	var lines []Line
	for _, l := range a.lines {
		if len(senders) == 0 || slices.Contains(senders, l.Sender) {
			lines = append(lines, l)
		}
	}
	return lines
}

// Wait returns the lines of a sender once there are n of them.
func (a *Actions) Wait(t testing.TB, sender string, n int) []Line {
	t.Helper()
	timeout := time.After(5 * time.Minute)
	for {
		a.mu.Lock()
		lines, more := a.of([]string{sender}), a.more
		a.mu.Unlock()
		if len(lines) >= n {
			return lines
		}
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("%d runs of actions for %s: expected %d", len(lines), sender, n)
		}
	}
}

// Hold makes each run of an action for the sender wait after its line, until release is
// called. Whoever holds must release: else Rasa does not end the turn.
func (a *Actions) Hold(sender string) (release func()) {
	held := make(chan struct{})
	a.mu.Lock()
	a.held[sender] = held
	a.mu.Unlock()
	return sync.OnceFunc(func() {
		a.mu.Lock()
		delete(a.held, sender)
		a.mu.Unlock()
		close(held)
	})
}

// ServeHTTP is the gate: it takes the line of a run, and answers when the run may go on.
func (a *Actions) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var line Line
	if err := json.NewDecoder(r.Body).Decode(&line); err != nil {
		a.t.Errorf("line of an action: %v", err)
		return
	}
	a.mu.Lock()
	a.lines = append(a.lines, line)
	held := a.held[line.Sender]
	close(a.more)
	a.more = make(chan struct{})
	a.mu.Unlock()
	if held == nil {
		return
	}
	select {
	case <-held:
	case <-r.Context().Done(): // the action server has ended
	}
}
