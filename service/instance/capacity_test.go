package instance_test

import (
	"context"
	"errors"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/metrics"
)

// backlog is what waits in a journal.
type backlog struct {
	free    int64
	inbox   map[string]int // by channel
	senders map[string]int // of the channel chat
	err     error
}

func (b backlog) Depth(context.Context) (journal.Depth, error) {
	return journal.Depth{Free: b.free}, b.err
}

func (b backlog) Waiting(context.Context) (map[string]journal.Waiting, error) {
	return journal.WaitingOf(b.inbox, map[string]int{"chat": 1000}), b.err
}

func (b backlog) Queued(_ context.Context, c channels.Conversation, limit int) (int, error) {
	return min(limit, b.senders[c.Sender]), b.err
}

// sending is a channel that can send.
type sending struct {
	channels.Webhook
	channels.Sender
}

func senders(names ...string) *instance.Registry {
	m := metrics.New(metrics.Sources{})
	var list []*instance.Instance
	for _, name := range names {
		list = append(list, instance.New(instance.Config{Name: name, Channel: sending{}}, m))
	}
	return instance.NewRegistry(list)
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	const waiting, disk = "too many messages are waiting to be answered", "the journal's disk is almost full"
	one, two := []string{"chat"}, []string{"chat", "mail"}
	for _, c := range []struct {
		name     string
		channels []string
		backlog  backlog
		senders  string // of the messages, a letter each
		want     string // the error; "" means that there is room
		over     string // the senders that are over their share
	}{
		{"an empty journal", one, backlog{free: 1000}, "a", "", ""},
		{"the last place", one, backlog{free: 1000, inbox: map[string]int{"chat": 19}}, "a", "", ""},
		{"one too many", one, backlog{free: 1000, inbox: map[string]int{"chat": 20}}, "a", waiting, ""},
		{"several, one too many", one, backlog{free: 1000, inbox: map[string]int{"chat": 18}}, "abc", waiting, ""},
		{"nine tenths beside another channel", two, backlog{free: 1000, inbox: map[string]int{"chat": 17}}, "a", "", ""},
		{"more than nine tenths", two, backlog{free: 1000, inbox: map[string]int{"chat": 18}}, "a", waiting, ""},
		{"the rest is another's", two, backlog{free: 1000, inbox: map[string]int{"mail": 18}}, "ab", "", ""},
		{"orphans take no room", two, backlog{free: 1000, inbox: map[string]int{"gone": 5000}}, "a", "", ""},
		{"a conversation has its share", one, backlog{free: 1000, inbox: map[string]int{"chat": 9}, senders: map[string]int{"a": 5, "b": 4}}, "aabb", "", "aab"},
		{"a batch is over a share", one, backlog{free: 1000}, "aaaaaab", "", "a"},
		{"a disk with just enough", one, backlog{free: 100}, "a", "", ""},
		{"a disk that is almost full", one, backlog{free: 99}, "a", disk, ""},
		{"a full disk", one, backlog{}, "a", disk, ""},
		{"a disk of unknown size", one, backlog{free: -1}, "a", "", ""},
		{"a journal that does not answer", one, backlog{inbox: map[string]int{"chat": 100}, err: errors.New("no")}, "a", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			capacity := instance.NewCapacity(c.backlog, instance.NewLimitsInUse(instance.Limits{Inbox: 20, InboxPerConversation: 5, FreeDisk: 100}), senders(c.channels...))
			var es []journal.Entry
			for _, sender := range c.senders {
				es = append(es, journal.Entry{Message: channels.Message{Channel: "chat", Sender: string(sender)}})
			}
			for range 2 { // what was released takes no room
				fit, over, release, err := capacity.Reserve(t.Context(), "chat", es)
				if c.want != "" {
					var e *channels.Error
					if !errors.As(err, &e) || e.Code != channels.CodeOverloaded || e.Message != c.want || e.RetryAfter != instance.RetryAfter {
						t.Errorf("%v, want %s", err, c.want)
					}
					return
				}
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				got := ""
				for _, e := range over {
					got += e.Message.Sender
				}
				if got != c.over || len(fit)+len(over) != len(es) {
					t.Errorf("over are %q, want %q; %d fit", got, c.over, len(fit))
				}
				release()
			}
		})
	}
}

// Messages that are let in at once count before the journal counts them.
func TestCapacityReserves(t *testing.T) {
	t.Parallel()
	capacity := instance.NewCapacity(backlog{free: 1000}, instance.NewLimitsInUse(instance.Limits{Inbox: 3, InboxPerConversation: 2}), senders("chat"))
	reserve := func(sender string) (over int, release func(), err error) {
		_, late, release, err := capacity.Reserve(t.Context(), "chat", []journal.Entry{{Message: channels.Message{Channel: "chat", Sender: sender}}})
		return len(late), release, err
	}
	var releases []func()
	for i, c := range []struct {
		sender string
		over   int
		full   bool
	}{{"a", 0, false}, {"a", 0, false}, {"a", 1, false}, {"b", 0, false}, {"c", 0, true}} {
		over, release, err := reserve(c.sender)
		if over != c.over || (err != nil) != c.full {
			t.Errorf("%d: over %d, %v", i, over, err)
		}
		if release != nil {
			releases = append(releases, release)
		}
	}
	for _, release := range releases {
		release()
	}
	if over, _, err := reserve("a"); over != 0 || err != nil {
		t.Errorf("after the release: over %d, %v", over, err)
	}
}
