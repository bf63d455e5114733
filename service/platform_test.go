package service_test

import (
	"cmp"
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// private begins every text of a message and of a reply. No log line may hold it.
const private = "§"

// platform is where the channels of a type of the test's own send to: it keeps each
// call and answers as the test says.
type platform struct {
	// answer is asked at each call, n counting those of the part from 1. Nil takes all.
	answer func(ctx context.Context, p channels.Part, n int) error
	// fit is the channels' Fit. Nil leaves each part as it is.
	fit func(channels.Part) []channels.Part

	mu       sync.Mutex
	calls    []sending
	tries    map[string]int
	busy     map[channels.Conversation]bool
	overlaps int
	inboxes  map[string]channels.Inbox
}

// sending is a call that a channel made, and how it ended.
type sending struct {
	part channels.Part
	at   time.Time
	err  error
}

// typ returns the type "platform".
func (p *platform) typ() channels.Type {
	return channels.Type{Name: "platform", New: func() channels.Config { return &platformConfig{p} }}
}

type platformConfig struct{ p *platform }

func (*platformConfig) Validate() error { return nil }

func (c *platformConfig) Open(env channels.Env) (channels.Channel, error) {
	return &platformChannel{c.p, env.Name}, nil
}

type platformChannel struct {
	*platform
	name string
}

// Inbound answers "ok" once a message is stored.
func (c *platformChannel) Inbound(in channels.Inbox) http.Handler {
	if in != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.inboxes == nil {
			c.inboxes, c.tries, c.busy = map[string]channels.Inbox{}, map[string]int{}, map[channels.Conversation]bool{}
		}
		c.inboxes[c.name] = in
	}
	return channels.Webhook{}.Handler(func(w http.ResponseWriter, r *http.Request, m channels.Message) {
		if err := in.Post(r.Context(), m); err != nil {
			channels.WriteError(w, err)
			return
		}
		_, _ = io.WriteString(w, "ok")
	})
}

// Fit is fit, or leaves the part alone.
func (c *platformChannel) Fit(p channels.Part) []channels.Part {
	if c.fit == nil {
		return []channels.Part{p}
	}
	return c.fit(p)
}

// Send keeps the call and asks answer.
func (c *platformChannel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	n, i := c.begin(p)
	ended := false
	defer func() { c.end(p, i, ended) }()
	var err error
	if c.answer != nil {
		err = c.answer(ctx, p, n)
	}
	ended = err == nil
	return channels.Receipt{Time: time.Now()}, err
}

func (p *platform) begin(part channels.Part) (n, i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	conversation := channels.Conversation{Channel: part.Channel, Sender: part.Sender}
	if p.busy[conversation] {
		p.overlaps++
	}
	p.busy[conversation] = true
	p.tries[part.ID]++
	p.calls = append(p.calls, sending{part: part, at: time.Now(), err: context.Canceled})
	return p.tries[part.ID], len(p.calls) - 1
}

func (p *platform) end(part channels.Part, i int, taken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, channels.Conversation{Channel: part.Channel, Sender: part.Sender})
	if taken {
		p.calls[i].err = nil
	}
}

// all returns every call, in order.
func (p *platform) all() []sending {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// ids returns how often each part was sent, by its id.
func (p *platform) ids() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.tries)
}

// taken returns the parts that the platform took from a conversation, in order.
func (p *platform) taken(channel, sender string) (texts []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.err == nil && c.part.Channel == channel && c.part.Sender == sender {
			texts = append(texts, strings.TrimPrefix(c.part.Reply.Text, private))
		}
	}
	return texts
}

// tried returns when each call with the text "one" was made.
func (p *platform) tried() (at []time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.part.Reply.Text == private+"one" {
			at = append(at, c.at)
		}
	}
	return at
}

func (p *platform) inbox(t *testing.T, channel string) channels.Inbox {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	in := p.inboxes[channel]
	if in == nil {
		t.Fatalf("the service has not asked for the handler of %s", channel)
	}
	return in
}

// stage is a service in a bubble. Its channels chat and mail send to a platform.
type stage struct {
	*house
	*platform
	journal journal.Journal
}

const chatAndMail = "chat: {type: platform}\nmail: {type: platform, on_failure: \"" + private + "sorry\"}\n"

// perform raises a stage. What c does not say is chat and mail, a journal in memory
// and a token for the metrics.
func perform(t *testing.T, p *platform, c service.Config) *stage {
	t.Helper()
	if c.Channels == nil {
		c.Channels = instances(t, chatAndMail, p.typ())
	}
	if c.Journal == nil {
		c.Journal = memory.Open()
	}
	c.AuthToken = cmp.Or(c.AuthToken, "operator")
	s := &stage{bubble(t, c, patience), p, c.Journal}
	t.Cleanup(func() {
		if s.overlaps > 0 {
			t.Errorf("parts of one conversation were sent at once, %d times", s.overlaps)
		}
		for _, secret := range []string{private, "operator"} {
			if log := s.log.String(); strings.Contains(log, secret) {
				t.Errorf("the log tells %q: %s", secret, log)
			}
		}
	})
	synctest.Wait()
	return s
}

// post stores one message for each text, in order; the text is the id too.
func (s *stage) post(t *testing.T, channel, sender string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := s.inbox(t, channel).Post(t.Context(), note(sender, text)); err != nil {
			t.Errorf("post %s: %v", text, err)
		}
	}
	synctest.Wait()
}

func note(sender, text string) channels.Message {
	return channels.Message{ID: text, Sender: sender, Text: private + text, Address: "room of " + sender}
}

// pass lets time go by and all happen that is due.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// dead returns the kinds of the dead letters, with the text, in order.
func (s *stage) dead(t *testing.T) (list []string) {
	t.Helper()
	letters, err := s.journal.DeadLetters(context.Background(), "", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range letters {
		if d.Message != nil {
			list = append(list, d.Kind+" "+strings.TrimPrefix(d.Message.Text, private))
		} else {
			list = append(list, d.Kind+" "+strings.TrimPrefix(d.Part.Reply.Text, private))
		}
		if strings.Contains(d.Reason, private) || d.Reason == "" {
			t.Errorf("the reason of a dead letter is %q", d.Reason)
		}
	}
	return list
}

// counts checks lines of /metrics, each without "manyvox_".
func (s *stage) counts(t *testing.T, lines ...string) {
	t.Helper()
	_, metrics := s.get(t, "/metrics?token=operator")
	for _, line := range lines {
		if !strings.Contains(metrics, "\nmanyvox_"+line+"\n") {
			t.Errorf("the metrics lack %q:\n%s", line, grep(metrics, line[:strings.IndexAny(line, "{ ")]))
		}
	}
}

func grep(text, word string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// parrot says what it is told.
func parrot() agents.Agent {
	return agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
	})
}

var (
	_ channels.Sender = (*platformChannel)(nil)
	_ channels.Fitter = (*platformChannel)(nil)
)
