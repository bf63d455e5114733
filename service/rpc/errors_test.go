package rpc_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// Every mistake of a caller's gets its code, and a message that names the field.
func TestConversationServiceRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{OnFit: func(p channels.Part) []channels.Part {
			if strings.HasSuffix(p.Reply.Text, "panic") {
				panic("no")
			}
			return nil
		}}
		s := servicetest.NewHarness(t, p, service.Config{
			Agent: servicetest.UncalledAgent(t), Channels: servicetest.Channels(t, "rest:\n"+servicetest.ChatAndMail+"phone: {type: phone}\nears: {type: ears}\n", p.Type(), phone(p), ears()),
		})
		c := rpcProtocols()[2].client(s.Running)
		hello, room := &manyvoxv1.Reply{Text: proto.String("hello")}, "room"
		list := func(r *manyvoxv1.ListEventsRequest) error { _, err := c.ListEvents(operatorContext(t), r); return err }
		listDead := func(r *manyvoxv1.ListDeadLettersRequest) error {
			_, err := c.ListDeadLetters(operatorContext(t), r)
			return err
		}
		drop := func(r *manyvoxv1.DropDeadLettersRequest) error {
			_, err := c.DropDeadLetters(operatorContext(t), r)
			return err
		}
		send := func(r *manyvoxv1.SendRequest) error { _, err := c.Send(operatorContext(t), r); return err }
		forget := func(r *manyvoxv1.DeleteConversationRequest) error {
			_, err := c.DeleteConversation(operatorContext(t), r)
			return err
		}
		sendReply := func(r *manyvoxv1.Reply) error {
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
			{"a page token of nobody", list(&manyvoxv1.ListEventsRequest{PageToken: "x"}), connect.CodeInvalidArgument, "page_token: not one that was given"},
			{"a page of events to come", list(&manyvoxv1.ListEventsRequest{PageToken: cursor(9)}), connect.CodeOutOfRange, "no event has this cursor yet; the newest that can be given is " + cursor(0)},
			{"dead letters, a negative page", listDead(&manyvoxv1.ListDeadLettersRequest{PageSize: -1}), connect.CodeInvalidArgument, "page_size: negative"},
			{"dead letters, no page", listDead(&manyvoxv1.ListDeadLettersRequest{PageToken: "-1"}), connect.CodeOutOfRange, `page_token: it is of another journal; begin with "oldest"`},
			{"no dead letters", drop(&manyvoxv1.DropDeadLettersRequest{}), connect.CodeInvalidArgument, "ids: required, unless all is set"},
			{"no ids", drop(&manyvoxv1.DropDeadLettersRequest{Selection: &manyvoxv1.DropDeadLettersRequest_Ids{Ids: &manyvoxv1.DeadLetterIds{}}}), connect.CodeInvalidArgument, "ids: required, unless all is set"},
			{"too many ids", drop(&manyvoxv1.DropDeadLettersRequest{Selection: &manyvoxv1.DropDeadLettersRequest_Ids{Ids: &manyvoxv1.DeadLetterIds{Ids: make([]int64, 1001)}}}), connect.CodeInvalidArgument, "ids: 1001, more than the limit of 1000"},
			{"delete, no channel", forget(&manyvoxv1.DeleteConversationRequest{Sender: "ann"}), connect.CodeInvalidArgument, "channel: required"},
			{"delete, no sender", forget(&manyvoxv1.DeleteConversationRequest{Channel: "chat"}), connect.CodeInvalidArgument, "sender: required"},
			{"send, no channel", send(&manyvoxv1.SendRequest{Sender: "ann", Reply: hello}), connect.CodeInvalidArgument, "channel: required"},
			{"send, no sender", send(&manyvoxv1.SendRequest{Channel: "chat", Reply: hello}), connect.CodeInvalidArgument, "sender: required"},
			{"send, a long sender", send(&manyvoxv1.SendRequest{Channel: "chat", Sender: strings.Repeat("a", 257), Reply: hello}), connect.CodeInvalidArgument, "sender: 257 bytes, more than the limit of 256"},
			{"send, a long id", send(&manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", MessageId: strings.Repeat("a", 257), Reply: hello}), connect.CodeInvalidArgument, "message_id: 257 bytes, more than the limit of 256"},
			{"send, no such channel", send(&manyvoxv1.SendRequest{Channel: "caht", Sender: "ann", Reply: hello}), connect.CodeNotFound, `no channel "caht" in credentials.yml; did you mean chat?`},
			{"send, a channel that cannot", send(&manyvoxv1.SendRequest{Channel: "ears", Sender: "ann", Reply: hello}), connect.CodeFailedPrecondition, "channel ears: type ears cannot send"},
			{"send, nobody knows where to", send(&manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Reply: hello}), connect.CodeFailedPrecondition, "address: channel chat does not know one, since the sender has not written yet: give one"},
			{"send, the channel finds no address", send(&manyvoxv1.SendRequest{Channel: "phone", Sender: "ann", Reply: hello}), connect.CodeFailedPrecondition, "address: channel phone: ann is no number"},
			{"send, nothing", sendReply(nil), connect.CodeInvalidArgument, blank},
			{"send, an empty reply", sendReply(&manyvoxv1.Reply{}), connect.CodeInvalidArgument, blank},
			{"send, white space", sendReply(&manyvoxv1.Reply{Text: proto.String(" \n\n\n ")}), connect.CodeInvalidArgument, blank},
			{"send, a custom of null", sendReply(&manyvoxv1.Reply{Custom: structpb.NewNullValue()}), connect.CodeInvalidArgument, blank},
			{"send, a long text", sendReply(&manyvoxv1.Reply{Text: proto.String(strings.Repeat("a", 65_537))}), connect.CodeInvalidArgument, "reply.text: 65537 bytes, more than the limit of 65536"},
			{"send, no JSON", sendReply(&manyvoxv1.Reply{CustomJson: "{"}), connect.CodeInvalidArgument, "reply: custom_json: not JSON"},
			{"send, no format", sendReply(&manyvoxv1.Reply{Text: proto.String("a"), Format: "html"}), connect.CodeInvalidArgument, `reply: format: "html" is none of "" and "markdown"`},
			{"send, what the channel does not show", sendReply(hello), connect.CodeInvalidArgument, "reply: channel chat has no way to show it"},
			{"send, what the channel fails on", sendReply(&manyvoxv1.Reply{Text: proto.String(servicetest.Private + "panic")}), connect.CodeInternal, "channel chat: failed to prepare the reply; the log tells why"},
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

// brokenJournal fails the calls that an operator makes, with err.
type brokenJournal struct {
	journal.Journal
	err error
}

func (b brokenJournal) Events(context.Context, journal.EventFilter, int64, int) (journal.EventPage, error) {
	return journal.EventPage{}, b.err
}
func (b brokenJournal) Newest(context.Context) (int64, error) { return 0, b.err }
func (b brokenJournal) DeadLetters(context.Context, string, int64, int) ([]journal.DeadLetter, error) {
	return nil, b.err
}
func (b brokenJournal) Replay(context.Context, ...int64) (int, error)              { return 0, b.err }
func (b brokenJournal) Drop(context.Context, ...int64) (int, error)                { return 0, b.err }
func (b brokenJournal) Forget(context.Context, channels.Conversation) (int, error) { return 0, b.err }
func (b brokenJournal) Push(context.Context, journal.Push) (*journal.Known, error) { return nil, b.err }
func (b brokenJournal) Waiting(context.Context) (map[string]journal.Waiting, error) {
	return nil, b.err
}
func (b brokenJournal) Address(context.Context, channels.Conversation) (string, bool, error) {
	return "", false, b.err
}

// operatorCalls returns one call of each kind, by its name.
func operatorCalls(t *testing.T, client manyvoxv1connect.ConversationServiceClient) map[string]func(context.Context) error {
	room := "room"
	return map[string]func(context.Context) error{
		"list": func(ctx context.Context) error {
			_, err := client.ListEvents(ctx, &manyvoxv1.ListEventsRequest{})
			return err
		},
		"list above": func(ctx context.Context) error {
			_, err := client.ListEvents(ctx, &manyvoxv1.ListEventsRequest{After: cursor(1)})
			return err
		},
		"list dead letters": func(ctx context.Context) error {
			_, err := client.ListDeadLetters(ctx, &manyvoxv1.ListDeadLettersRequest{})
			return err
		},
		"replay": func(ctx context.Context) error {
			_, err := client.ReplayDeadLetters(ctx, &manyvoxv1.ReplayDeadLettersRequest{Selection: &manyvoxv1.ReplayDeadLettersRequest_All{All: &manyvoxv1.AllDeadLetters{}}})
			return err
		},
		"drop": func(ctx context.Context) error {
			_, err := client.DropDeadLetters(ctx, &manyvoxv1.DropDeadLettersRequest{Selection: &manyvoxv1.DropDeadLettersRequest_Ids{Ids: &manyvoxv1.DeadLetterIds{Ids: []int64{1}}}})
			return err
		},
		"delete": func(ctx context.Context) error {
			_, err := client.DeleteConversation(ctx, &manyvoxv1.DeleteConversationRequest{Channel: "chat", Sender: "ann"})
			return err
		},
		"send": func(ctx context.Context) error {
			_, err := client.Send(ctx, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Address: &room, Reply: &manyvoxv1.Reply{Text: proto.String("hello")}})
			return err
		},
		"send, last address": func(ctx context.Context) error {
			_, err := client.Send(ctx, &manyvoxv1.SendRequest{Channel: "chat", Sender: "ann", Reply: &manyvoxv1.Reply{Text: proto.String("hello")}})
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
}

// When the journal fails callers learn no more than that. Its error is in the log.
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
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t), Journal: brokenJournal{memory.Open(), c.err}})
				client := rpcProtocols()[0].client(s.Running)
				for name, call := range operatorCalls(t, client) {
					checkRefusal(t, name, call(operatorContext(t)), connect.CodeUnavailable, c.want)
				}
				health, err := manyvoxv1connect.NewChannelServiceClient(s.HTTP1, s.URL).Health(t.Context(), &manyvoxv1.HealthRequest{})
				if err != nil || len(health.GetChannels()) != 2 {
					t.Errorf("health: %v, %v", health, err)
				}
				if logged := strings.Contains(s.Log.String(), "disk full"); logged != (c.name == "disk") {
					t.Errorf("the log: %s", s.Log)
				}
			})
		})
	}
}
