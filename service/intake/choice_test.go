package intake_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/intake"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// offer returns choices by title and payload.
func offer(open bool, titlesAndPayloads ...string) journal.Offer {
	o := journal.Offer{Open: open}
	for pair := range slices.Chunk(titlesAndPayloads, 2) {
		o.Choices = append(o.Choices, channels.Choice{Key: channels.ChoiceKey(pair[1]), Title: pair[0], Payload: pair[1]})
	}
	return o
}

func TestChosen(t *testing.T) {
	t.Parallel()
	cities := offer(true, "Zürich", "/zrh", "Straße nach  Rom", "/rom", "Paris", "/par")
	old := offer(false, "Yes", "/yes", "No", "/no")
	for _, c := range []struct {
		name   string
		offers []journal.Offer
		text   string
		want   string // "" for none
	}{
		{"no offer", nil, "1", ""},
		{"a number", []journal.Offer{cities, old}, "2", "/rom"},
		{"a number with a full stop", []journal.Offer{cities}, "2.", "/rom"},
		{"a number with a bracket", []journal.Offer{cities}, "3)", "/par"},
		{"a number with spaces", []journal.Offer{cities}, " 3 ) ", "/par"},
		{"a number in wide digits", []journal.Offer{cities}, "２", "/rom"},
		{"nought", []journal.Offer{cities}, "0", ""},
		{"a number too high", []journal.Offer{cities}, "4", ""},
		{"a number beyond any", []journal.Offer{cities}, "18446744073709551617", ""},
		{"a negative number", []journal.Offer{cities}, "-1", ""},
		{"a number in a sentence", []journal.Offer{cities}, "2 please", ""},
		{"a full stop alone", []journal.Offer{cities}, ".", ""},
		{"a title", []journal.Offer{cities}, "Paris", "/par"},
		{"a title in other case", []journal.Offer{cities}, "zÜRICH", "/zrh"},
		{"a title with a combining mark", []journal.Offer{cities}, "Zu\u0308rich", "/zrh"},
		{"a title with an ss and other spaces", []journal.Offer{cities}, "STRASSE nach\tRom ", "/rom"},
		{"a part of a title", []journal.Offer{cities}, "Pari", ""},
		{"a key of the open offer", []journal.Offer{cities}, channels.ChoiceKey("/par"), "/par"},
		{"a key of an old offer", []journal.Offer{cities, old}, channels.ChoiceKey("/no"), "/no"},
		{"a key in other case", []journal.Offer{offer(true, "a", "/book")}, "uP2ZDNGp9hleHUjK", ""},
		{"a title of an old offer", []journal.Offer{cities, old}, "Yes", ""},
		{"a number when nothing is open", []journal.Offer{old}, "1", ""},
		{"an open offer that is not the newest", []journal.Offer{old, cities}, "1", "/zrh"},
		{"a payload is none", []journal.Offer{cities}, "/par", ""},
		{"two titles that are the same", []journal.Offer{offer(true, "Yes", "/a", "yes", "/b")}, "yes", ""},
		{"two titles with one payload", []journal.Offer{offer(true, "Yes", "/a", "yes", "/a")}, "yes", "/a"},
		{"a title that is another's number", []journal.Offer{offer(true, "2", "/two", "4", "/four")}, "2", ""},
		{"a title that is its own number", []journal.Offer{offer(true, "1", "/one", "2", "/two")}, "2", "/two"},
		{"an empty title", []journal.Offer{offer(true, "", "/a")}, " ", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := intake.Chosen(c.offers, c.text)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("%q chooses %q, %v, want %q", c.text, got, ok, c.want)
			}
		})
	}
}

// What a text chooses is a payload of the offer, whatever the text and the titles.
func FuzzChosen(f *testing.F) {
	for _, text := range []string{"", "2", "2.", " 2 )", "ZÜRICH", "\xff", "１", "\u0301"} {
		f.Add(text, "Zürich", text)
	}
	f.Fuzz(func(t *testing.T, text, one, two string) {
		offers := []journal.Offer{offer(true, one, "/one", two, "/two")}
		payload, ok := intake.Chosen(offers, text)
		if ok != (payload == "/one" || payload == "/two") {
			t.Errorf("%q chooses %q, %v", text, payload, ok)
		}
		for i, want := range []string{"/one", "/two"} {
			if got, _ := intake.Chosen(offers, channels.ChoiceKey(want)); got != want {
				t.Errorf("the key of choice %d chooses %q", i+1, got)
			}
		}
	})
}

// looked counts how often choices are looked up, and may fail it.
type looked struct {
	journal.Journal
	times atomic.Int32
	err   error
}

func (j *looked) Choices(ctx context.Context, c channels.Conversation) ([]journal.Offer, error) {
	if j.times.Add(1); j.err != nil {
		return nil, j.err
	}
	return j.Journal.Choices(ctx, c)
}

// Nothing is looked up for channels that offer no choices, for callers of RPC, and for what
// can be no choice.
func TestChoicesAreLookedUpForChoosersOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{}
		j := &looked{Journal: memory.Open()}
		list := append(servicetest.Channels(t, "rest:\nchat: {type: platform}\n", p.Type()), p.ChoosingChannels("sms")...)
		s := servicetest.NewHarness(t, p, service.Config{Channels: list, Journal: j, Agent: servicetest.Echo()})
		for _, r := range servicetest.Routes() {
			if got, err := r.Ask(t.Context(), s.Running, servicetest.Question{Sender: "ann", Text: "2"}); err != nil || got.Code != "" {
				t.Errorf("%s: %+v, %v", r.Name, got, err)
			}
		}
		s.Post(t, "chat", "ann", "2")
		long := servicetest.NewMessage("ann", string(make([]byte, 600)))
		long.Text = long.ID
		long.ID = "long"
		silent := channels.Message{ID: "silent", Sender: "ann", Attachments: []channels.Attachment{{Type: "image"}}}
		if err := s.Inbox(t, "sms").Post(t.Context(), long, silent); err != nil {
			t.Error(err)
		}
		if n := j.times.Load(); n != 0 {
			t.Errorf("choices are looked up %d times, want 0", n)
		}
		s.Post(t, "sms", "ann", "2")
		if n := j.times.Load(); n != 1 {
			t.Errorf("choices are looked up %d times, want 1", n)
		}
	})
}

// When the choices can't be read, the platform redelivers and the caller gets 503: an answer
// to "2" instead of what it means would be wrong.
func TestChoicesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{}
		j := &looked{Journal: memory.Open(), err: errors.New("the disk is away")}
		s := servicetest.NewHarness(t, p, service.Config{Channels: p.ChoosingChannels("sms"), Journal: j, Agent: servicetest.Echo()})
		in, m := s.Inbox(t, "sms"), servicetest.NewMessage("ann", "2")
		if err := in.Post(t.Context(), m); !errors.Is(err, channels.ErrUnavailable) || errors.Is(err, channels.ErrInvalid) {
			t.Errorf("Post: %v", err)
		}
		if err := in.Ask(t.Context(), m, &channels.Collector{}); channels.AsError(err).Code != channels.CodeUnavailable {
			t.Errorf("Ask: %v", err)
		}
		j.err = nil
		if err := in.Post(t.Context(), m); err != nil {
			t.Errorf("the redelivery: %v", err)
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{"2"}, s.Accepted("sms", "ann")); diff != "" {
			t.Errorf("answered (-want +got):\n%s", diff)
		}
	})
}

// A repeat of an asked message is known by what was said, although the same number means
// something else by now; another text under its id is another message.
func TestRepeatOfAChoice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{}
		s := servicetest.NewHarness(t, p, service.Config{Channels: p.ChoosingChannels("sms"), Agent: agents.Func(menus)})
		ask := func(id, text string) (string, error) {
			var c channels.Collector
			err := s.Inbox(t, "sms").Ask(t.Context(), channels.Message{ID: id, Sender: "ann", Text: text}, &c)
			var all string
			for _, r := range c.Replies {
				all += r.Text
			}
			return all, err
		}
		post := func(text string) {
			t.Helper()
			if err := s.Inbox(t, "sms").Post(t.Context(), channels.Message{ID: text, Sender: "ann", Text: text}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		post("menu a")
		if got, err := ask("m", "2"); got != "/a2" || err != nil {
			t.Errorf("the agent is asked %q, %v", got, err)
		}
		post("menu b")
		if got, err := ask("m", "2"); got != "/a2" || err != nil {
			t.Errorf("the repeat gets %q, %v, want what the first got", got, err)
		}
		if _, err := ask("m", "/a2"); channels.AsError(err).Code != channels.CodeAlreadyExists {
			t.Errorf("another text: %v", err)
		}
		if got, err := ask("n", "2"); got != "/b2" || err != nil {
			t.Errorf("a new message asks %q, %v", got, err)
		}
	})
}

// menus answers "menu x" by two choices, and anything else by the same.
func menus(ctx context.Context, t agents.Turn, r channels.Replier) error {
	text := t.Message.Text
	if len(text) != len("menu x") || text[:5] != "menu " {
		return r.Reply(ctx, channels.Reply{Text: text})
	}
	name := text[5:]
	return r.Reply(ctx, channels.Reply{Text: "Choose", Buttons: []channels.Button{
		{Title: "One", Payload: "/" + name + "1"}, {Title: "Two", Payload: "/" + name + "2"},
	}})
}
