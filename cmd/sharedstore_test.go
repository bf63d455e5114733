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

// sharedStore is a store in memory that outlives the programs which open it, one after
// the other.
type sharedStore struct {
	*memory.Store

	mu       sync.Mutex
	openedBy string // the process that has it open, "" for none
	env      journal.Env
}

// newSharedStore returns a store whose cursors begin with cafe0000.
func newSharedStore(t *testing.T) *sharedStore { return sharedStoreOf(t, "cafe000000000000") }

// sharedStoreOf returns a store with an id.
func sharedStoreOf(t *testing.T, id string) *sharedStore {
	s := &sharedStore{Store: memory.Open()}
	if _, err := s.Setting(t.Context(), "program-id", id); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Store.Close() })
	return s
}

// Close lets the next one open it.
func (s *sharedStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.openedBy = ""
	return nil
}

func (s *sharedStore) open(env journal.Env) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.openedBy != "" {
		return errors.New("store shared: in use by " + s.openedBy)
	}
	s.openedBy, s.env = "process 7", env
	return nil
}

// typ returns the store's type. Inspect reports its size as bytes.
func (s *sharedStore) typ(bytes int64) journal.Type {
	return journal.Type{Name: "shared", New: func() journal.Config { return &sharedStoreConfig{s, bytes} }}
}

type sharedStoreConfig struct {
	store *sharedStore
	bytes int64
}

func (*sharedStoreConfig) Validate() error { return nil }

func (c *sharedStoreConfig) Open(_ context.Context, env journal.Env) (journal.Journal, error) {
	return c.store, c.store.open(env)
}

func (c *sharedStoreConfig) Inspect(ctx context.Context, env journal.Env) (journal.Inspection, error) {
	depth, err := c.store.Depth(ctx)
	if err != nil {
		return journal.Inspection{}, err
	}
	waiting, err := c.store.Waiting(ctx)
	return journal.Inspection{Place: env.DataDir + "/shared", Bytes: c.bytes, Depth: depth, Waiting: waiting}, err
}

func (c *sharedStoreConfig) Backup(_ context.Context, env journal.Env, file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.WriteString(f, "what is in "+env.DataDir)
	return err
}

// appendEvents adds events to the journal.
func (s *sharedStore) appendEvents(t *testing.T, es ...channels.Event) {
	t.Helper()
	if err := s.AppendEvents(t.Context(), es...); err != nil {
		t.Fatal(err)
	}
}

// push puts a part to the outbox.
func (s *sharedStore) push(t *testing.T, channel, sender, text string) {
	t.Helper()
	part := channels.Part{ID: text, Channel: channel, Sender: sender, Reply: channels.Reply{Text: text}}
	if _, err := s.Push(t.Context(), journal.Push{
		Key: journal.Key{Channel: channel, Sender: sender, ID: text}, Window: time.Hour, Parts: []channels.Part{part},
	}); err != nil {
		t.Fatal(err)
	}
}

// addUndelivered adds a part that was given up as a dead letter.
func (s *sharedStore) addUndelivered(t *testing.T, channel, sender, text, reason string) {
	t.Helper()
	s.OpenOutbox(map[string]int{channel: 1})
	s.push(t, channel, sender, text)
	delivery, err := s.NextPart(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SettlePart(t.Context(), delivery.Claim, journal.PartOutcome{Dead: true, Reason: reason}); err != nil {
		t.Fatal(err)
	}
	s.OpenOutbox(nil)
}

// addInterrupted adds a dead letter of a message whose turn was interrupted.
func (s *sharedStore) addInterrupted(t *testing.T, m channels.Message) {
	t.Helper()
	if _, err := s.Enqueue(t.Context(), journal.Entry{Message: m, Window: time.Hour}); err != nil {
		t.Fatal(err)
	}
	turn, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	end := &journal.End{Outcome: journal.OutcomeInterrupted, Reason: "unknown: the agent failed"}
	if err := s.Settle(t.Context(), turn.Claim, journal.Step{Shown: true, End: end}); err != nil {
		t.Fatal(err)
	}
}

// mailbox is a channel type whose channel only sends, to a Go channel.
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

// programWith returns a program with one store. Without --server it asks a port that
// nothing listens to.
func programWith(t *testing.T, s *sharedStore, bytes int64) *program {
	t.Helper()
	p := newProgram()
	p.Stores, p.Server = []journal.Type{s.typ(bytes)}, unusedURL(t)
	return p
}

// unusedURL returns the URL of a port that nothing listens to.
func unusedURL(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

var stamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// withFixedTimes replaces every time in a text by the same one.
func withFixedTimes(text string) string { return stamp.ReplaceAllString(text, "2026-01-02T03:04:05Z") }

var (
	_ journal.Inspector  = (*sharedStoreConfig)(nil)
	_ journal.Backuper   = (*sharedStoreConfig)(nil)
	_ channels.Sender    = (*mailboxChannel)(nil)
	_ channels.Addresser = (*mailboxChannel)(nil)
)
