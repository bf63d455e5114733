package service_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// tongue is a protocol in which ConversationService is spoken to.
type tongue struct {
	name    string
	over    pick
	options []connect.ClientOption
}

func tongues() []tongue {
	return []tongue{
		{"Connect", overH1, nil},
		{"Connect JSON", overH1, jsonCodec()},
		{"gRPC", overH2, []connect.ClientOption{connect.WithGRPC()}},
		{"gRPC-Web", overH1, grpcWeb()},
	}
}

func (s tongue) client(h *house) manyvoxv1connect.ConversationServiceClient {
	return manyvoxv1connect.NewConversationServiceClient(s.over(h), h.url, s.options...)
}

// operator returns a context that shows a stage's token, for one call.
func operator(t *testing.T) context.Context { return withToken(t.Context(), "operator") }

// givesUp fails each turn for good, "half" after a reply.
func givesUp() agents.Agent {
	return agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		if strings.HasSuffix(t.Message.Text, "half") {
			if err := r.Reply(ctx, channels.Reply{Text: private + "so far"}); err != nil {
				return err
			}
		}
		return channels.Errorf(channels.CodeInvalid, "not that")
	})
}

// Each method answers in each protocol.
func TestConversationService(t *testing.T) {
	t.Parallel()
	for _, tongue := range tongues() {
		t.Run(tongue.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{}, service.Config{Agent: givesUp()})
				c := tongue.client(s.house)
				s.post(t, "chat", "ann", "one", "half")
				sends(t, s, c)
				lettersOf(t, s, c)
				eventsOfAnn(t, c)
				deletes(t, s, c)
			})
		})
	}
}

func sends(t *testing.T, s *stage, c manyvoxv1connect.ConversationServiceClient) {
	t.Helper()
	res, err := c.Send(operator(t), &manyvoxv1.SendRequest{
		Channel: "chat", Sender: "ann", MessageId: "news", Reply: &manyvoxv1.Reply{Text: private + "news"},
	})
	synctest.Wait()
	if err != nil || res.GetMessageId() != "news" || len(res.GetPartIds()) != 1 || s.ids()[res.GetPartIds()[0]] != 1 {
		t.Errorf("send: %v, %v", res, err)
	}
	if diff := cmp.Diff([]string{"so far", "news"}, s.taken("chat", "ann")); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

func lettersOf(t *testing.T, s *stage, c manyvoxv1connect.ConversationServiceClient) {
	t.Helper()
	res, err := c.ListDeadLetters(operator(t), &manyvoxv1.ListDeadLettersRequest{})
	if err != nil {
		t.Fatal(err)
	}
	letter := func(id int64, kind manyvoxv1.DeadLetter_Kind, text string, repeats bool) *manyvoxv1.DeadLetter {
		return &manyvoxv1.DeadLetter{
			Id: id, Kind: kind, Channel: "chat", Sender: "ann", MessageId: text, MayRepeat: repeats, Reason: "invalid_argument: not that",
			Content: &manyvoxv1.DeadLetter_Message{Message: &manyvoxv1.UserMessage{
				Text: private + text, InputChannel: "platform", Address: "room of ann",
			}},
		}
	}
	want := &manyvoxv1.ListDeadLettersResponse{DeadLetters: []*manyvoxv1.DeadLetter{
		letter(1, manyvoxv1.DeadLetter_KIND_FAILED, "one", false), letter(2, manyvoxv1.DeadLetter_KIND_INTERRUPTED, "half", true),
	}}
	if diff := cmp.Diff(want, res, protocmp.Transform(), protocmp.IgnoreFields(&manyvoxv1.DeadLetter{}, "died")); diff != "" {
		t.Errorf("dead letters (-want +got):\n%s", diff)
	}
	if at := res.GetDeadLetters()[0].GetDied().AsTime(); !at.Equal(time.Now()) { // the bubble's clock stands
		t.Errorf("died at %v", at)
	}

	replayed, err := c.ReplayDeadLetters(operator(t), &manyvoxv1.ReplayDeadLettersRequest{Ids: []int64{1, 77}})
	synctest.Wait()
	if err != nil || replayed.GetReplayed() != 1 {
		t.Errorf("replay: %v, %v", replayed, err)
	}
	if diff := cmp.Diff([]string{"interrupted half", "failed one"}, s.dead(t)); diff != "" { // it failed again
		t.Errorf("dead letters (-want +got):\n%s", diff)
	}
	dropped, err := c.DropDeadLetters(operator(t), &manyvoxv1.DropDeadLettersRequest{All: true, Channel: "chat"})
	if err != nil || dropped.GetDropped() != 2 || len(s.dead(t)) > 0 {
		t.Errorf("drop: %v, %v", dropped, err)
	}
}

func eventsOfAnn(t *testing.T, c manyvoxv1connect.ConversationServiceClient) {
	t.Helper()
	res, err := c.ListEvents(operator(t), &manyvoxv1.ListEventsRequest{Channel: "chat", Sender: "ann"})
	if err != nil || len(res.GetEvents()) == 0 {
		t.Fatalf("events: %v, %v", res, err)
	}
	first := &manyvoxv1.Event{
		Cursor: 1, Channel: "chat", Sender: "ann", MessageId: "one", Kind: &manyvoxv1.Event_Message{Message: &manyvoxv1.UserMessage{
			Text: private + "one", InputChannel: "platform", Address: "room of ann",
		}},
	}
	if diff := cmp.Diff(first, res.GetEvents()[0], protocmp.Transform(), protocmp.IgnoreFields(&manyvoxv1.Event{}, "time")); diff != "" {
		t.Errorf("the first event (-want +got):\n%s", diff)
	}
	ctx, cancel := context.WithCancel(operator(t))
	defer cancel()
	oldest := int64(-1)
	stream, err := c.WatchEvents(ctx, &manyvoxv1.WatchEventsRequest{After: &oldest})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if !stream.Receive() || stream.Msg().GetEvent() != nil || stream.Msg().GetCursor() != oldest {
		t.Fatalf("the watch begins with %v, %v", stream.Msg(), stream.Err())
	}
	for i, e := range res.GetEvents() {
		if !stream.Receive() {
			t.Fatal(stream.Err())
		}
		if diff := cmp.Diff(&manyvoxv1.WatchEventsResponse{Event: e, Cursor: e.GetCursor()}, stream.Msg(), protocmp.Transform()); diff != "" {
			t.Errorf("event %d (-listed +watched):\n%s", i, diff)
		}
	}
}

func deletes(t *testing.T, s *stage, c manyvoxv1connect.ConversationServiceClient) {
	t.Helper()
	res, err := c.DeleteConversation(operator(t), &manyvoxv1.DeleteConversationRequest{Channel: "chat", Sender: "ann"})
	if err != nil || res.GetRows() == 0 {
		t.Errorf("delete: %v, %v", res, err)
	}
	if page, err := s.journal.Events(t.Context(), journal.EventFilter{}, -1, 10); err != nil || len(page.Events) > 0 {
		t.Errorf("events are left: %v, %v", page.Events, err)
	}
	res, err = c.DeleteConversation(operator(t), &manyvoxv1.DeleteConversationRequest{Channel: "chat", Sender: "ann"})
	if err != nil || res.GetRows() != 0 {
		t.Errorf("delete again: %v, %v", res, err)
	}
}

// Every mistake of a caller's is told with its code and its field.
func TestConversationServiceRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &platform{fit: func(p channels.Part) []channels.Part {
			if strings.HasSuffix(p.Reply.Text, "panic") {
				panic("no")
			}
			return nil
		}}
		s := perform(t, p, service.Config{
			Agent: quiet(t), Channels: instances(t, "rest:\n"+chatAndMail+"phone: {type: phone}\n", p.typ(), phone(p)),
		})
		c := tongues()[2].client(s.house)
		hello, room := &manyvoxv1.Reply{Text: "hello"}, "room"
		list := func(r *manyvoxv1.ListEventsRequest) error { _, err := c.ListEvents(operator(t), r); return err }
		letters := func(r *manyvoxv1.ListDeadLettersRequest) error {
			_, err := c.ListDeadLetters(operator(t), r)
			return err
		}
		drop := func(r *manyvoxv1.DropDeadLettersRequest) error {
			_, err := c.DropDeadLetters(operator(t), r)
			return err
		}
		send := func(r *manyvoxv1.SendRequest) error { _, err := c.Send(operator(t), r); return err }
		forget := func(r *manyvoxv1.DeleteConversationRequest) error {
			_, err := c.DeleteConversation(operator(t), r)
			return err
		}
		says := func(r *manyvoxv1.Reply) error {
			return send(&manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: r})
		}
		const blank = "reply: shows nothing: expected text, buttons, image, attachment or custom"
		for _, r := range []struct {
			name string
			err  error
			code connect.Code
			want string
		}{
			{"events of a sender of no channel", list(&manyvoxv1.ListEventsRequest{Sender: "ann"}), connect.CodeInvalidArgument, "channel: required beside sender"},
			{"a negative page", list(&manyvoxv1.ListEventsRequest{PageSize: -1}), connect.CodeInvalidArgument, "page_size: negative"},
			{"a page that was never told", list(&manyvoxv1.ListEventsRequest{PageToken: "x"}), connect.CodeInvalidArgument, "page_token: not one that a list gave"},
			{"a page of events to come", list(&manyvoxv1.ListEventsRequest{PageToken: "9"}), connect.CodeOutOfRange, "no event has this cursor yet; the newest that can be given is 0"},
			{"dead letters, a negative page", letters(&manyvoxv1.ListDeadLettersRequest{PageSize: -1}), connect.CodeInvalidArgument, "page_size: negative"},
			{"dead letters, no page", letters(&manyvoxv1.ListDeadLettersRequest{PageToken: "-1"}), connect.CodeInvalidArgument, "page_token: not one that a list gave"},
			{"no dead letters", drop(&manyvoxv1.DropDeadLettersRequest{}), connect.CodeInvalidArgument, "ids: required, unless all is set"},
			{"all and some", drop(&manyvoxv1.DropDeadLettersRequest{Ids: []int64{1}, All: true}), connect.CodeInvalidArgument, "ids: not beside all"},
			{"some of a channel", drop(&manyvoxv1.DropDeadLettersRequest{Ids: []int64{1}, Channel: "chat"}), connect.CodeInvalidArgument, "channel: only beside all"},
			{"delete, no channel", forget(&manyvoxv1.DeleteConversationRequest{Sender: "ann"}), connect.CodeInvalidArgument, "channel: required"},
			{"delete, no sender", forget(&manyvoxv1.DeleteConversationRequest{Channel: "chat"}), connect.CodeInvalidArgument, "sender: required"},
			{"send, no channel", send(&manyvoxv1.SendRequest{Sender: "ann", Reply: hello}), connect.CodeInvalidArgument, "channel: required"},
			{"send, no sender", send(&manyvoxv1.SendRequest{Channel: "chat", Reply: hello}), connect.CodeInvalidArgument, "sender: required"},
			{"send, a long sender", send(&manyvoxv1.SendRequest{Channel: "chat", Sender: strings.Repeat("a", 257), Reply: hello}), connect.CodeInvalidArgument, "sender: 257 bytes, more than the limit of 256"},
			{"send, a long id", send(&manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", MessageId: strings.Repeat("a", 257), Reply: hello}), connect.CodeInvalidArgument, "message_id: 257 bytes, more than the limit of 256"},
			{"send, no such channel", send(&manyvoxv1.SendRequest{Channel: "caht", Sender: "ann", Reply: hello}), connect.CodeNotFound, `no channel "caht" in credentials.yml; did you mean chat?`},
			{"send, a channel that cannot", send(&manyvoxv1.SendRequest{Channel: "rest", Sender: "ann", Reply: hello}), connect.CodeFailedPrecondition, "channel rest: type rest cannot send"},
			{"send, nobody knows where to", send(&manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Reply: hello}), connect.CodeFailedPrecondition, "address: channel chat does not know one, since the sender has not written yet: give one"},
			{"send, the channel finds no address", send(&manyvoxv1.SendRequest{Channel: "phone", Sender: "ann", Reply: hello}), connect.CodeFailedPrecondition, "address: channel phone: ann is no number"},
			{"send, nothing", says(nil), connect.CodeInvalidArgument, blank},
			{"send, an empty reply", says(&manyvoxv1.Reply{}), connect.CodeInvalidArgument, blank},
			{"send, white space", says(&manyvoxv1.Reply{Text: " \n\n\n "}), connect.CodeInvalidArgument, blank},
			{"send, a custom of null", says(&manyvoxv1.Reply{Custom: structpb.NewNullValue()}), connect.CodeInvalidArgument, blank},
			{"send, a long text", says(&manyvoxv1.Reply{Text: strings.Repeat("a", 65_537)}), connect.CodeInvalidArgument, "reply.text: 65537 bytes, more than the limit of 65536"},
			{"send, no JSON", says(&manyvoxv1.Reply{CustomJson: "{"}), connect.CodeInvalidArgument, "reply: custom_json: not JSON"},
			{"send, what the channel does not show", says(hello), connect.CodeInvalidArgument, "reply: channel chat has no way to show it"},
			{"send, what the channel fails on", says(&manyvoxv1.Reply{Text: private + "panic"}), connect.CodeInternal, "channel chat: failed to prepare the reply; the log tells why"},
		} {
			checkRefusal(t, r.name, r.err, r.code, r.want)
		}
	})
}

func checkRefusal(t *testing.T, name string, err error, code connect.Code, want string) {
	t.Helper()
	var e *connect.Error
	if !errors.As(err, &e) || e.Code() != code || !strings.HasPrefix(e.Message(), want) {
		t.Errorf("%s: %v, want %v: %s", name, err, code, want)
	}
}

// phone is a channel type that tells addresses of numbers.
func phone(p *platform) channels.Type {
	return channels.Type{Name: "phone", New: func() channels.Config { return &phoneConfig{p} }}
}

type phoneConfig struct{ p *platform }

func (*phoneConfig) Validate() error { return nil }

func (c *phoneConfig) Open(env channels.Env) (channels.Channel, error) {
	return &phoneChannel{&platformChannel{c.p, env.Name}}, nil
}

type phoneChannel struct{ *platformChannel }

func (*phoneChannel) Address(sender string) (string, error) {
	if !strings.HasPrefix(sender, "+") {
		return "", errors.New(sender + " is no number")
	}
	return "tel:" + sender, nil
}

var _ channels.Addresser = (*phoneChannel)(nil)

// broken is a journal that an operator's calls find out of order, with this error.
type broken struct {
	journal.Journal
	err error
}

func (b broken) Events(context.Context, journal.EventFilter, int64, int) (journal.EventPage, error) {
	return journal.EventPage{}, b.err
}
func (b broken) Newest(context.Context) (int64, error) { return 0, b.err }
func (b broken) DeadLetters(context.Context, string, int64, int) ([]journal.DeadLetter, error) {
	return nil, b.err
}
func (b broken) Replay(context.Context, ...int64) (int, error)               { return 0, b.err }
func (b broken) Drop(context.Context, ...int64) (int, error)                 { return 0, b.err }
func (b broken) Forget(context.Context, channels.Conversation) (int, error)  { return 0, b.err }
func (b broken) Push(context.Context, journal.Push) (*journal.Known, error)  { return nil, b.err }
func (b broken) Waiting(context.Context) (map[string]journal.Waiting, error) { return nil, b.err }
func (b broken) Address(context.Context, channels.Conversation) (string, bool, error) {
	return "", false, b.err
}

// A journal that fails is told as such, and what it says stays in the log.
func TestConversationServiceOfABrokenJournal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"disk", errors.New("disk full"), "the journal does not answer now; the log tells why"},
		{"closed", journal.ErrClosed, "the service is shutting down"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{}, service.Config{Agent: quiet(t), Journal: broken{memory.Open(), c.err}})
				client, room, one := tongues()[0].client(s.house), "room", int64(1)
				unary := map[string]func(context.Context) error{
					"list": func(ctx context.Context) error {
						_, err := client.ListEvents(ctx, &manyvoxv1.ListEventsRequest{})
						return err
					},
					"list above": func(ctx context.Context) error {
						_, err := client.ListEvents(ctx, &manyvoxv1.ListEventsRequest{After: &one})
						return err
					},
					"letters": func(ctx context.Context) error {
						_, err := client.ListDeadLetters(ctx, &manyvoxv1.ListDeadLettersRequest{})
						return err
					},
					"replay": func(ctx context.Context) error {
						_, err := client.ReplayDeadLetters(ctx, &manyvoxv1.ReplayDeadLettersRequest{All: true})
						return err
					},
					"drop": func(ctx context.Context) error {
						_, err := client.DropDeadLetters(ctx, &manyvoxv1.DropDeadLettersRequest{Ids: []int64{1}})
						return err
					},
					"delete": func(ctx context.Context) error {
						_, err := client.DeleteConversation(ctx, &manyvoxv1.DeleteConversationRequest{Channel: "chat", Sender: "ann"})
						return err
					},
					"send": func(ctx context.Context) error {
						_, err := client.Send(ctx, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &manyvoxv1.Reply{Text: "hello"}})
						return err
					},
					"send, last address": func(ctx context.Context) error {
						_, err := client.Send(ctx, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Reply: &manyvoxv1.Reply{Text: "hello"}})
						return err
					},
					"watch": func(ctx context.Context) error {
						stream, err := client.WatchEvents(ctx, &manyvoxv1.WatchEventsRequest{})
						if err != nil {
							return err
						}
						defer stream.Close()
						for stream.Receive() {
							t.Errorf("the watch gives %v", stream.Msg())
						}
						return stream.Err()
					},
				}
				for name, call := range unary {
					checkRefusal(t, name, call(operator(t)), connect.CodeUnavailable, c.want)
				}
				health, err := manyvoxv1connect.NewChannelServiceClient(s.h1, s.url).Health(t.Context(), &manyvoxv1.HealthRequest{})
				if err != nil || health.GetJournal() != nil || len(health.GetChannels()) != 2 {
					t.Errorf("health: %v, %v", health, err)
				}
				if told := strings.Contains(s.log.String(), "disk full"); told != (c.name == "disk") {
					t.Errorf("the log: %s", s.log)
				}
			})
		})
	}
}

// Health tells how much waits, and for whom nobody is there.
func TestHealthOfTheJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.Open()
		for _, name := range []string{"gone", "gone", "chat"} {
			if _, err := store.Push(t.Context(), journal.Push{
				Key: journal.Key{Channel: name, Sender: "ann", ID: t.Name()}, Window: time.Hour,
				Parts: []channels.Part{{ID: "p", Channel: name, Sender: "ann", Reply: channels.Reply{Text: private}}},
			}); err != nil {
				t.Fatal(err)
			}
		}
		away := &platform{answer: func(context.Context, channels.Part, int) error {
			return &channels.SendError{Class: channels.SendUnavailable}
		}}
		s := perform(t, away, service.Config{Agent: givesUp(), Journal: store})
		s.post(t, "mail", "ann", "hello")
		res, err := manyvoxv1connect.NewChannelServiceClient(s.h1, s.url).Health(t.Context(), &manyvoxv1.HealthRequest{})
		if err != nil {
			t.Fatal(err)
		}
		want := &manyvoxv1.HealthResponse{
			Journal: &manyvoxv1.JournalHealth{Outbox: 3, DeadLetters: 1}, Orphans: []string{"gone"},
			Channels: []*manyvoxv1.ChannelHealth{
				{Name: "chat", Waiting: &manyvoxv1.ChannelWaiting{Outbox: 1}}, {Name: "mail", Waiting: &manyvoxv1.ChannelWaiting{Outbox: 1}},
			},
		}
		if diff := cmp.Diff(want, res, protocmp.Transform(), protocmp.IgnoreFields(&manyvoxv1.HealthResponse{}, "status", "version"),
			protocmp.IgnoreFields(&manyvoxv1.ChannelHealth{}, "type", "capabilities", "last_error")); diff != "" {
			t.Errorf("health (-want +got):\n%s", diff)
		}
	})
}

// What is not a method is not found, behind the guard as well.
func TestConversationServiceUnknownMethod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{}, service.Config{Agent: quiet(t)})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/manyvox.v1.ConversationService/Burn?token=operator", nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := do(t, s.h1, req); status != http.StatusNotFound {
			t.Errorf("%d %s", status, body)
		}
	})
}
