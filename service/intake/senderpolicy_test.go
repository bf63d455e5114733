package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/intake"
	"github.com/manyvox/manyvox/service/servicetest"
)

// Allow list and rate hold on every route.
func TestSenderPolicyOfAsk(t *testing.T) {
	t.Parallel()
	ok := servicetest.Answer{Texts: []string{"hello"}}
	stranger := servicetest.Answer{Code: "permission_denied", Message: "channel rest: this sender may not write here"}
	tooMuch := func(after string) servicetest.Answer {
		return servicetest.Answer{Code: "resource_exhausted", Message: "channel rest: this sender has written more than 2 in 1m0s", RetryAfter: after}
	}
	for _, c := range []struct {
		name, block string
		senders     []string
		want        []servicetest.Answer
	}{
		{"nobody is asked", "", []string{"ann", "ann", "ann"}, []servicetest.Answer{ok, ok, ok}},
		{"a list", "allow: [ann, 0049]", []string{"ann", "bob", "0049", "49", ""}, []servicetest.Answer{ok, stranger, ok, stranger, stranger}},
		{"a list of one", "allow: default", []string{"", "default", "ann"}, []servicetest.Answer{ok, ok, stranger}},
		{"a rate", "rate: 2/1m", []string{"ann", "ann", "bob", "ann", "bob"}, []servicetest.Answer{ok, ok, ok, tooMuch("30"), ok}},
		{"who may not write does not count", "allow: [ann]\nrate: 2/1m", []string{"bob", "bob", "bob", "ann"}, []servicetest.Answer{stranger, stranger, stranger, ok}},
	} {
		for _, r := range servicetest.Routes() {
			t.Run(c.name+"/"+r.Name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					block := "rest:\n  " + strings.ReplaceAll(c.block, "\n", "\n  ") + "\n"
					h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, block), Agent: servicetest.ReplyWith("hello")}, servicetest.Timeout)
					var got []servicetest.Answer
					for _, sender := range c.senders {
						a, err := r.Ask(t.Context(), h, servicetest.Question{Sender: sender, Text: "hi"})
						if err != nil {
							t.Error(err)
						}
						got = append(got, a)
					}
					if diff := cmp.Diff(c.want, got); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// A sender who waits as long as Retry-After says may write again.
func TestSenderPolicyOpensInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest: {rate: 2/1m}\n"), Agent: servicetest.ReplyWith("hello")}, servicetest.Timeout)
		codes := func() (all string) {
			for range 3 {
				a, err := servicetest.Routes()[0].Ask(t.Context(), h, servicetest.Question{Sender: "ann", Text: "hi"})
				if err != nil {
					t.Error(err)
				}
				all += "," + a.Code
			}
			return all
		}
		for _, c := range []struct {
			after time.Duration
			want  string
		}{
			{0, ",,,resource_exhausted"},
			{30 * time.Second, ",,resource_exhausted,resource_exhausted"},
			{30*time.Second - 1, ",resource_exhausted,resource_exhausted,resource_exhausted"},
			{time.Hour, ",,,resource_exhausted"},
		} {
			servicetest.Advance(c.after)
			if got := codes(); got != c.want {
				t.Errorf("after %v: %s, want %s", c.after, got, c.want)
			}
		}
	})
}

// newLimited returns a harness whose channel chat has more keys.
func newLimited(t *testing.T, keys string) *servicetest.Harness {
	t.Helper()
	p := &servicetest.FakePlatform{}
	return servicetest.NewHarness(t, p, service.Config{
		Agent: servicetest.Echo(), Channels: servicetest.Channels(t, "chat:\n  type: platform\n  "+keys+"\n", p.Type()),
	})
}

// Messages of senders who are not on the list are refused, counted and logged. The others
// of the same batch are stored.
func TestSenderPolicyRefusesPost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newLimited(t, "allow: [ann]")
		err := s.Inbox(t, "chat").Post(t.Context(), servicetest.NewMessage("mallory", "one"), servicetest.NewMessage("ann", "two"), servicetest.NewMessage("mallory", "three"))
		if !errors.Is(err, channels.ErrInvalid) || errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{"two"}, s.Accepted("chat", "ann")); diff != "" || len(s.Calls()) != 1 {
			t.Errorf("%d calls, taken (-want +got):\n%s", len(s.Calls()), diff)
		}
		s.CheckMetrics(t, `messages_refused_total{channel="chat",code="permission_denied"} 2`,
			`messages_received_total{channel="chat",way="post"} 1`, `messages_stored_total{channel="chat",outcome="stored"} 1`)
		if log := s.Log.String(); strings.Count(log, `"msg":"message refused"`) != 2 || strings.Contains(log, "mallory") {
			t.Errorf("the log: %s", log)
		}
	})
}

// A Post over the rate is refused as a whole, so that the platform sends all of it again.
func TestSenderPolicyPacesPost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		rate  string
		posts []string // the senders of each Post
		want  []bool   // whether it is stored
		after string   // the Retry-After of the last
	}{
		{"each alone", "2/1m", []string{"a", "a", "b", "a"}, []bool{true, true, true, false}, "30"},
		{"together", "2/1m", []string{"aa", "a"}, []bool{true, false}, "30"},
		{"one of several", "2/1m", []string{"aa", "bab", "b", "b", "b"}, []bool{true, false, true, true, false}, "30"},
		{"more than there is room for", "3/1m", []string{"aa", "aa"}, []bool{true, false}, "20"},
		{"more than the rate after a rest", "2/1m", []string{"aaaa", "a"}, []bool{true, false}, "90"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newLimited(t, "rate: "+c.rate)
				stored, refused := 0, 0
				var last error
				for i, senders := range c.posts {
					var ms []channels.Message
					for n, sender := range senders {
						ms = append(ms, servicetest.NewMessage(string(sender), fmt.Sprint(i, ".", n)))
					}
					last = s.Inbox(t, "chat").Post(t.Context(), ms...)
					if (last == nil) != c.want[i] || last != nil && !errors.Is(last, channels.ErrUnavailable) {
						t.Errorf("post %d: %v, want it stored: %v", i, last, c.want[i])
					}
					if last == nil {
						stored += len(ms)
					} else {
						refused += len(ms)
					}
				}
				if got := channels.RetryAfter(channels.AsError(last)); got != c.after {
					t.Errorf("Retry-After is %s, want %s", got, c.after)
				}
				synctest.Wait()
				if len(s.Calls()) != stored {
					t.Errorf("%d calls, want %d", len(s.Calls()), stored)
				}
				s.CheckMetrics(t, fmt.Sprintf(`messages_refused_total{channel="chat",code="resource_exhausted"} %d`, refused),
					fmt.Sprintf(`messages_received_total{channel="chat",way="post"} %d`, stored))
			})
		})
	}
}

// A platform that posts too much gets 429 with Retry-After.
func TestSenderPolicyAnswersThePlatform(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{}
		s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo(), Channels: servicetest.Channels(t, "mail: {type: platform, rate: 1/10s}\n", p.Type())})
		for i, want := range []int{200, 429} {
			status, after, body := postWebhook(t, s, "mail", `{"sender":"ann","message":"§hello"}`)
			if status != want || want == 429 && (after != "10" || !strings.Contains(body, `"code":"resource_exhausted"`)) {
				t.Errorf("message %d: %d, Retry-After %q, %s", i, status, after, body)
			}
		}
	})
}

// When a policy changes the sender, the allow list asks for the new one.
func TestSenderPolicyComesAfterThePolicies(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest: {allow: [ann]}\n"), Agent: servicetest.ReplyWith("hello"),
		Policies: []intake.Policy{func(_ context.Context, m *channels.Message) error {
			m.Sender = strings.TrimPrefix(m.Sender, "token of ")
			return nil
		}},
	})
	got, err := servicetest.Routes()[0].Ask(servicetest.Context(t), h, servicetest.Question{Sender: "token of ann", Text: "hi"})
	if diff := cmp.Diff(servicetest.Answer{Texts: []string{"hello"}}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
