package turn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/turn"
	"github.com/manyvox/manyvox/service/worker"
)

// fitting is a channel whose Fit a test chooses; nil leaves parts as they are.
type fitting struct {
	fit func(channels.Part) []channels.Part
}

func (*fitting) Inbound(channels.Inbox) http.Handler { return nil }

func (f *fitting) Send(context.Context, channels.Part) (channels.Receipt, error) {
	return channels.Receipt{}, nil
}

func (f *fitting) Fit(p channels.Part) []channels.Part {
	if f.fit == nil {
		return []channels.Part{p}
	}
	return f.fit(p)
}

// growing is a channel that shows texts that grow. Nothing here calls it.
type growing struct {
	*fitting
	channels.Streamer
}

// faultyJournal is the memory store, of which a test lets single steps fail. Settled has
// every step that was tried. A nil fault fails none.
type faultyJournal struct {
	*memory.Store
	mu      sync.Mutex
	fault   func(try int, s journal.Step) error
	settled []journal.Step
	// unknown says that a step that fails is committed all the same: the same step again
	// is recognized, as a store must.
	unknown   bool
	committed []journal.Step
}

func (f *faultyJournal) try(s journal.Step) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settled = append(f.settled, s)
	if f.fault == nil {
		return nil
	}
	return f.fault(len(f.settled), s)
}

func (f *faultyJournal) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	err := f.try(s)
	if f.unknown && slices.ContainsFunc(f.committed, func(o journal.Step) bool { return reflect.DeepEqual(o, s) }) {
		return err
	}
	if f.unknown && err != nil {
		f.committed = append(f.committed, s)
		return errors.Join(err, f.Store.Settle(ctx, c, s))
	}
	if err != nil {
		return err
	}
	return f.Store.Settle(ctx, c, s)
}

func (f *faultyJournal) SettleAsk(ctx context.Context, a journal.Asked, s journal.Step) error {
	if err := f.try(s); err != nil {
		return err
	}
	return f.Store.SettleAsk(ctx, a, s)
}

// harness is an Executor on the memory store, inside a bubble, which works on stored
// messages until the bubble ends.
type harness struct {
	*turn.Executor
	journal  *faultyJournal
	in       *instance.Instance
	inFlight *instance.InFlight
	log      *logBuffer
	// drain ends the fetching and end the program; ended is closed when all turns have
	// ended.
	drain context.CancelFunc
	end   context.CancelCauseFunc
	ended chan struct{}
}

// settings are what a test changes of the harness before it starts.
type settings struct {
	turn.Config
	channel   fitting
	grows     bool // the channel shows texts that grow
	onFailure string
	// turns and asks are the limits of that name.
	turns, asks int
	journal     *faultyJournal
}

func newHarness(t *testing.T, agent agents.Agent, changes ...func(*settings)) *harness {
	t.Helper()
	base, end := context.WithCancelCause(context.Background())
	fetching, drain := context.WithCancel(base)
	s := settings{turns: 100, asks: 100, journal: &faultyJournal{Store: memory.Open()}}
	h := &harness{log: &logBuffer{}, drain: drain, end: end, ended: make(chan struct{})}
	s.Config = turn.Config{
		Base: base, Agent: agent, AgentOptions: turn.AgentOptions{AgentTimeout: 2 * time.Minute}, ResponseTimeout: time.Hour,
		Log: slog.New(slog.NewJSONHandler(h.log, nil)),
	}
	for _, change := range changes {
		change(&s)
	}
	h.journal = s.journal
	c := instance.Config{Name: "chat", Channel: &s.channel, OnFailure: s.onFailure, SplitParagraphs: s.grows}
	if s.grows {
		c.Channel = &growing{fitting: &s.channel}
	}
	h.in = instance.New(c, metrics.New(metrics.Sources{}))
	limits := instance.DefaultLimits()
	limits.Asks = s.asks
	s.Limits = instance.NewLimitsInUse(limits)
	s.Channels = instance.NewRegistry([]*instance.Instance{h.in})
	s.Capacity = instance.NewCapacity(h.journal, s.Limits, s.Channels)
	h.inFlight = instance.NewInFlight(s.asks)
	s.InFlight = h.inFlight
	s.Locks, s.Asked, s.Inbox, s.Events = h.journal, h.journal, h.journal, h.journal
	h.Executor = turn.New(s.Config)
	go h.work(fetching, base, s.turns)
	t.Cleanup(h.stop)
	return h
}

// stop ends the program, with no time for what is in flight.
func (h *harness) stop() {
	h.inFlight.Drain()
	h.drain()
	synctest.Wait()
	h.end(instance.ErrDraining)
	<-h.ended
}

// work answers stored messages as the service does.
func (h *harness) work(fetching, base context.Context, turns int) {
	defer close(h.ended)
	worker.Pool[journal.Turn]{
		Next: h.journal.Next, Work: func(t journal.Turn) { h.Answer(base, t) }, Slots: worker.NewSlots(turns), Log: slog.New(slog.DiscardHandler),
	}.Run(fetching)
	h.Close(context.Background())
}

// post stores messages of a sender, whose ids are their texts.
func (h *harness) post(t *testing.T, sender string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		e := journal.Entry{Message: channels.Message{Channel: "chat", Sender: sender, ID: text, Text: text, Received: time.Now()}, Window: time.Hour}
		if _, err := h.journal.Enqueue(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Wait()
}

// askOnce asks as a caller that gave the message an id, and returns what it was shown.
func (h *harness) askOnce(ctx context.Context, sender, id string) ([]string, error) {
	m := channels.Message{Channel: "chat", Sender: sender, ID: id, Text: "hi", Received: time.Now()}
	var c channels.Collector
	err := h.AskOnce(ctx, h.in, &m, m.Text, &c)
	return textsOf(c.Replies), err
}

// ask asks as ann, who gave the message no id.
func (h *harness) ask(ctx context.Context, text string) error {
	m := channels.Message{Channel: "chat", Sender: "ann", ID: "made for " + text, Text: text, Received: time.Now()}
	return h.Ask(ctx, h.in, &m, &channels.Collector{})
}

func textsOf(rs []channels.Reply) (texts []string) {
	for _, r := range rs {
		texts = append(texts, r.Text)
	}
	return texts
}

// events returns those of a sender, each as its kind and its texts.
func (h *harness) events(t *testing.T, sender string) []string {
	t.Helper()
	page, err := h.journal.Events(t.Context(), journal.EventFilter{Channel: "chat", Sender: sender}, -1, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return inShort(page.Events)
}

// dead returns the dead letters, each as its kind and its message's id.
func (h *harness) dead(t *testing.T) (list []string) {
	t.Helper()
	letters, err := h.journal.DeadLetters(t.Context(), "", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range letters {
		list = append(list, d.Kind+" "+d.Message.ID)
	}
	return list
}

// parts returns how many the outbox holds.
func (h *harness) parts(t *testing.T) int {
	t.Helper()
	d, err := h.journal.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d.Outbox
}

// advance lets a time pass, and what is due then happen.
func advance(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// say replies with texts.
func say(ctx context.Context, r channels.Replier, texts ...string) error {
	for _, text := range texts {
		if err := r.Reply(ctx, channels.Reply{Text: text}); err != nil {
			return err
		}
	}
	return nil
}

// logBuffer keeps the lines of a log.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// lines returns the messages of a level, in order.
func (l *logBuffer) lines(t *testing.T, level slog.Level) (list []string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(l.b.Bytes()) {
		var record struct {
			Level slog.Level `json:"level"`
			Msg   string     `json:"msg"`
		}
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatal(err)
		}
		if record.Level == level {
			list = append(list, record.Msg)
		}
	}
	return list
}

var (
	_ channels.Sender = (*fitting)(nil)
	_ channels.Fitter = (*fitting)(nil)
)
