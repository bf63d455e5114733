package turn_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// inWords returns each event as one line of text.
func inWords(es []channels.Event) []string {
	var list []string
	for _, e := range es {
		words := []string{string(e.Kind), e.MessageID}
		if e.Message != nil {
			words = append(words, e.Message.Text)
		}
		for _, r := range e.Replies {
			words = append(words, r.Text)
		}
		if e.Part != "" {
			words = append(words, "part")
		}
		list = append(list, strings.Join(append(words, e.Receipt, e.Reason), " "))
	}
	for i := range list {
		list[i] = strings.ReplaceAll(strings.Join(strings.Fields(list[i]), " "), servicetest.Private, "")
	}
	return list
}

func TestEventsOfPostedMessages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script servicetest.Script
		answer func(ctx context.Context, p channels.Part, n int) error
		want   []string
	}{
		"answered": {
			func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
				return errors.Join(r.Reply(ctx, channels.Reply{Text: "a"}), r.Reply(ctx, channels.Reply{Text: "b\n\nc"}))
			},
			nil,
			[]string{"message one one", "reply one a", "reply one b c", "sent part", "sent part", "sent part"},
		},
		"run again": {servicetest.FailTurns(2, errors.New("no")), nil, []string{"message one one", "reply one at last", "sent part"}},
		"interrupted": {
			servicetest.FailTurns(1, errors.New("no"), "a"), nil,
			[]string{
				"message one one", "reply one a",
				"interrupted one agent_failed: the agent failed; the log tells why (message_id one)", "reply one sorry", "sent part", "sent part",
			},
		},
		"failed": {
			servicetest.FailTurns(1, channels.Errorf(channels.CodeInvalid, "no")), nil,
			[]string{"message one one", "failed one invalid_argument: no", "reply one sorry", "sent part"},
		},
		"not delivered": {
			servicetest.FailTurns(0, nil), func(context.Context, channels.Part, int) error { return &channels.SendError{Class: channels.SendGone} },
			[]string{"message one one", "reply one at last", "undelivered part gone"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: c.answer}, service.Config{Agent: &servicetest.ScriptedAgent{Script: c.script}})
				s.Post(t, "mail", "ann", "one")
				servicetest.Advance(time.Minute)
				if diff := cmp.Diff(c.want, inWords(servicetest.Events(t, s.Journal))); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestEventsOfAskedMessages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script servicetest.NthTurn
		want   []string
	}{
		"answered": {
			func(ctx context.Context, _ int, r channels.Replier) error {
				return servicetest.ReplyTexts(ctx, r, "a", "b\n\nc")
			},
			[]string{"message m1 hi", "reply m1 a", "reply m1 b c"},
		},
		"interrupted": {
			func(ctx context.Context, _ int, r channels.Replier) error {
				return errors.Join(servicetest.ReplyTexts(ctx, r, "a"), channels.Errorf(channels.CodeAgentFailed, "no"))
			},
			[]string{"message m1 hi", "reply m1 a", "interrupted m1 agent_failed: no"},
		},
		"failed": {
			func(context.Context, int, channels.Replier) error {
				return channels.Errorf(channels.CodeAgentFailed, "no")
			},
			[]string{"message m1 hi", "failed m1 agent_failed: no"},
		},
	} {
		for _, id := range []string{"m1", ""} {
			t.Run(fmt.Sprintf("%s, id %q", name, id), func(t *testing.T) {
				t.Parallel()
				servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
					store := memory.Open()
					h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: &servicetest.CountingAgent{Script: c.script}, Journal: store}, servicetest.Timeout)
					<-servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "hi", ID: id})
					servicetest.Advance(time.Second)
					got := servicetest.Events(t, store)
					for i := range got {
						if id == "" && len(got[i].MessageID) != 32 {
							t.Errorf("message id %q", got[i].MessageID)
						}
						got[i].MessageID = "m1"
					}
					if diff := cmp.Diff(c.want, inWords(got)); diff != "" {
						t.Errorf("events (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// The history of a turn has all events before it, also those not yet written, and none of
// another conversation.
func TestEventsHistory(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "m"} {
		t.Run(fmt.Sprintf("id %q", id), func(t *testing.T) {
			t.Parallel()
			servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
				var got []string
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: agents.Func(
					func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
						if err := servicetest.ReplyTexts(ctx, r, "re: "+turn.Message.Text); err != nil {
							return err
						}
						history, err := turn.History(ctx, 3)
						for i := range history {
							history[i].MessageID = ""
						}
						got = inWords(history)
						return err
					})}, servicetest.Timeout)
				for i, want := range [][]string{
					nil, {"message hi 0", "reply re: hi 0"}, {"reply re: hi 0", "message hi 1", "reply re: hi 1"},
				} {
					for _, sender := range []string{"bob", "ann"} {
						q := servicetest.Question{Sender: sender, Text: fmt.Sprint("hi ", i)}
						if id != "" {
							q.ID = fmt.Sprint(id, i)
						}
						servicetest.CheckOutcome(t, sender, <-servicetest.AskAsync(t.Context(), h, r, q), "", "re: "+q.Text)
						if diff := cmp.Diff(want, got); diff != "" {
							t.Errorf("%s, turn %d: history (-want +got):\n%s", sender, i, diff)
						}
					}
				}
			})
		})
	}
}
