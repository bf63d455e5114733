package cmd_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// drawer is a store that outlives the programs that open it one after the other.
type drawer struct {
	*memory.Store

	mu     sync.Mutex
	holder string // who has it open, "" for nobody
	env    journal.Env
}

func newDrawer(t *testing.T) *drawer {
	d := &drawer{Store: memory.Open()}
	t.Cleanup(func() { d.Store.Close() })
	return d
}

// Close lets the next one open it.
func (d *drawer) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.holder = ""
	return nil
}

func (d *drawer) open(env journal.Env) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.holder != "" {
		return errors.New("store drawer: in use by " + d.holder)
	}
	d.holder, d.env = "process 7", env
	return nil
}

// typ is the store's type. What waits in it takes so many bytes.
func (d *drawer) typ(bytes int64) journal.Type {
	return journal.Type{Name: "drawer", New: func() journal.Config { return &drawerConfig{d, bytes} }}
}

type drawerConfig struct {
	d     *drawer
	bytes int64
}

func (*drawerConfig) Validate() error { return nil }

func (c *drawerConfig) Open(_ context.Context, env journal.Env) (journal.Journal, error) {
	return c.d, c.d.open(env)
}

func (c *drawerConfig) Inspect(ctx context.Context, env journal.Env) (journal.Inspection, error) {
	depth, err := c.d.Depth(ctx)
	if err != nil {
		return journal.Inspection{}, err
	}
	waiting, err := c.d.Waiting(ctx)
	return journal.Inspection{Place: env.DataDir + "/drawer", Bytes: c.bytes, Depth: depth, Waiting: waiting}, err
}

func (c *drawerConfig) Backup(_ context.Context, env journal.Env, file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.WriteString(f, "what is in "+env.DataDir)
	return err
}

// note records that a message came or a reply went.
func (d *drawer) note(t *testing.T, es ...channels.Event) {
	t.Helper()
	if err := d.AppendEvents(t.Context(), es...); err != nil {
		t.Fatal(err)
	}
}

// push puts a part to the outbox.
func (d *drawer) push(t *testing.T, channel, sender, text string) {
	t.Helper()
	part := channels.Part{ID: text, Channel: channel, Sender: sender, Reply: channels.Reply{Text: text}}
	if _, err := d.Push(t.Context(), journal.Push{
		Key: journal.Key{Channel: channel, Sender: sender, ID: text}, Window: time.Hour, Parts: []channels.Part{part},
	}); err != nil {
		t.Fatal(err)
	}
}

// bury makes a part a dead letter.
func (d *drawer) bury(t *testing.T, channel, sender, text, reason string) {
	t.Helper()
	d.OpenOutbox(channel)
	d.push(t, channel, sender, text)
	delivery, err := d.NextPart(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SettlePart(t.Context(), delivery.Claim, journal.PartOutcome{Dead: true, Reason: reason}); err != nil {
		t.Fatal(err)
	}
	d.OpenOutbox()
}

// interrupt makes a message a dead letter of which something was shown.
func (d *drawer) interrupt(t *testing.T, m channels.Message) {
	t.Helper()
	if _, err := d.Enqueue(t.Context(), journal.Entry{Message: m, Window: time.Hour}); err != nil {
		t.Fatal(err)
	}
	turn, err := d.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	end := &journal.End{Outcome: journal.OutcomeInterrupted, Reason: "unknown: the agent failed"}
	if err := d.Settle(t.Context(), turn.Claim, journal.Step{Shown: true, End: end}); err != nil {
		t.Fatal(err)
	}
}

// mailbox is a channel type that can send, and knows where to.
func mailbox(sent chan<- channels.Part) channels.Type {
	return channels.Type{Name: "mailbox", New: func() channels.Config { return &mailboxConfig{sent} }}
}

type mailboxConfig struct{ sent chan<- channels.Part }

func (*mailboxConfig) Validate() error { return nil }

func (c *mailboxConfig) Open(channels.Env) (channels.Channel, error) {
	return &mailboxChannel{c.sent}, nil
}

type mailboxChannel struct{ sent chan<- channels.Part }

func (*mailboxChannel) Inbound(channels.Inbox) http.Handler { return nil }

func (*mailboxChannel) Address(string) (string, error) { return "", nil }

func (c *mailboxChannel) Send(_ context.Context, p channels.Part) (channels.Receipt, error) {
	c.sent <- p
	return channels.Receipt{}, nil
}

// withDrawer is a program with one store, the drawer, and nobody to ask but by --server.
func withDrawer(t *testing.T, d *drawer, bytes int64) *program {
	t.Helper()
	p := newProgram()
	p.Stores, p.Server = []journal.Type{d.typ(bytes)}, nobody(t)
	return p
}

// nobody is the URL of a port that nothing listens to.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

var stamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// timeless replaces every time by one of the form of a table's.
func timeless(text string) string { return stamp.ReplaceAllString(text, "2026-01-02T03:04:05Z") }

var (
	_ journal.Inspector  = (*drawerConfig)(nil)
	_ journal.Backuper   = (*drawerConfig)(nil)
	_ channels.Sender    = (*mailboxChannel)(nil)
	_ channels.Addresser = (*mailboxChannel)(nil)
)
