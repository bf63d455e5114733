package service_test

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
)

// The list and the rate hold on every route.
func TestGateOfAsk(t *testing.T) {
	t.Parallel()
	ok := answer{texts: []string{"hello"}}
	stranger := answer{code: "permission_denied", message: "channel rest: this sender may not write here"}
	tooMuch := func(after string) answer {
		return answer{code: "resource_exhausted", message: "channel rest: this sender has written more than 2 in 1m0s", retryAfter: after}
	}
	for _, c := range []struct {
		name, block string
		senders     []string
		want        []answer
	}{
		{"nobody is asked", "", []string{"ann", "ann", "ann"}, []answer{ok, ok, ok}},
		{"a list", "allow: [ann, 0049]", []string{"ann", "bob", "0049", "49", ""}, []answer{ok, stranger, ok, stranger, stranger}},
		{"a list of one", "allow: default", []string{"", "default", "ann"}, []answer{ok, ok, stranger}},
		{"a rate", "rate: 2/1m", []string{"ann", "ann", "bob", "ann", "bob"}, []answer{ok, ok, ok, tooMuch("30"), ok}},
		{"who may not write does not count", "allow: [ann]\nrate: 2/1m", []string{"bob", "bob", "bob", "ann"}, []answer{stranger, stranger, stranger, ok}},
	} {
		for _, r := range routes() {
			t.Run(c.name+"/"+r.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					block := "rest:\n  " + strings.ReplaceAll(c.block, "\n", "\n  ") + "\n"
					h := bubble(t, service.Config{Channels: instances(t, block), Agent: says("hello")}, patience)
					var got []answer
					for _, sender := range c.senders {
						a, err := r.ask(t.Context(), h, question{sender: sender, text: "hi"})
						if err != nil {
							t.Error(err)
						}
						got = append(got, a)
					}
					if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(answer{})); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// A sender who has waited as long as told may write again.
func TestGateOpensInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := bubble(t, service.Config{Channels: instances(t, "rest: {rate: 2/1m}\n"), Agent: says("hello")}, patience)
		codes := func() (all string) {
			for range 3 {
				a, err := routes()[0].ask(t.Context(), h, question{sender: "ann", text: "hi"})
				if err != nil {
					t.Error(err)
				}
				all += "," + a.code
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
			pass(c.after)
			if got := codes(); got != c.want {
				t.Errorf("after %v: %s, want %s", c.after, got, c.want)
			}
		}
	})
}

// gated raises a stage whose channel chat has further keys.
func gated(t *testing.T, keys string) *stage {
	t.Helper()
	p := &platform{}
	return perform(t, p, service.Config{
		Agent: parrot(), Channels: instances(t, "chat:\n  type: platform\n  "+keys+"\n", p.typ()),
	})
}

// Messages of those who are not on the list are acknowledged, counted and logged, and
// the others of the same batch are stored.
func TestGateRefusesPost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := gated(t, "allow: [ann]")
		err := s.inbox(t, "chat").Post(t.Context(), note("mallory", "one"), note("ann", "two"), note("mallory", "three"))
		if !errors.Is(err, channels.ErrInvalid) || errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{"two"}, s.taken("chat", "ann")); diff != "" || len(s.all()) != 1 {
			t.Errorf("%d calls, taken (-want +got):\n%s", len(s.all()), diff)
		}
		s.counts(t, `messages_refused_total{channel="chat",code="permission_denied"} 2`,
			`messages_received_total{channel="chat",way="post"} 1`, `messages_stored_total{channel="chat",outcome="stored"} 1`)
		if log := s.log.String(); strings.Count(log, `"msg":"message refused"`) != 2 || strings.Contains(log, "mallory") {
			t.Errorf("the log: %s", log)
		}
	})
}

// Over the rate all of a Post is turned away, or none, so that the platform sends it
// again.
func TestGatePacesPost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		rate  string
		posts []string // the senders of each Post
		want  []bool   // whether it is stored
		after string   // what the last is told to wait
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
				s := gated(t, "rate: "+c.rate)
				stored, refused := 0, 0
				var last error
				for i, senders := range c.posts {
					var ms []channels.Message
					for n, sender := range senders {
						ms = append(ms, note(string(sender), fmt.Sprint(i, ".", n)))
					}
					last = s.inbox(t, "chat").Post(t.Context(), ms...)
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
				if len(s.all()) != stored {
					t.Errorf("%d calls, want %d", len(s.all()), stored)
				}
				s.counts(t, fmt.Sprintf(`messages_refused_total{channel="chat",code="resource_exhausted"} %d`, refused),
					fmt.Sprintf(`messages_received_total{channel="chat",way="post"} %d`, stored))
			})
		})
	}
}

// What a platform that posts too much is answered.
func TestGateTellsThePlatform(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &platform{}
		s := perform(t, p, service.Config{Agent: parrot(), Channels: instances(t, "mail: {type: platform, rate: 1/10s}\n", p.typ())})
		for i, want := range []int{200, 503} {
			status, after, body := s.webhook(t, "mail", `{"sender":"ann","message":"§hello"}`)
			if status != want || want == 503 && (after != "10" || !strings.Contains(body, `"code":"resource_exhausted"`)) {
				t.Errorf("message %d: %d, Retry-After %q, %s", i, status, after, body)
			}
		}
	})
}

// A policy's sender is the one that counts.
func TestGateComesAfterThePolicies(t *testing.T) {
	t.Parallel()
	h := listen(t, service.Config{
		Channels: instances(t, "rest: {allow: [ann]}\n"), Agent: says("hello"),
		Policies: []intake.Policy{func(_ context.Context, m *channels.Message) error {
			m.Sender = strings.TrimPrefix(m.Sender, "token of ")
			return nil
		}},
	})
	got, err := routes()[0].ask(within(t), h, question{sender: "token of ann", text: "hi"})
	if diff := cmp.Diff(answer{texts: []string{"hello"}}, got, cmp.AllowUnexported(answer{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestGateCredentials(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"both", "rest:\n  rate: 30/1m\n  allow: [ann]\n", "rest is a rest, input_channel rest, split true"},
		{"no values", "rest:\n  rate:\n  allow:\n", "rest is a rest, input_channel rest, split true"},
		{"no rate", "rest:\n  rate: often\n", `credentials.yml:2: channel rest: rate: expected a count and a time such as "30/1m"`},
		{"an empty list", "rest:\n\n  allow: []\n", "credentials.yml:3: channel rest: allow: expected at least one sender; without the key everybody may write"},
		{"an empty sender", "rest:\n  allow: [ann, '']\n", "credentials.yml:2: channel rest: allow: a sender is empty"},
		{"no list", "rest:\n  allow: {ann: yes}\n", "credentials.yml:2: channel rest: allow[0]: expected a text"},
		{
			"with what the type lacks", "carrier:\n  allow: []\n",
			"credentials.yml:2: channel carrier: allow: expected at least one sender; without the key everybody may write\n" +
				"credentials.yml:1: channel carrier: home is required",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, loadCredentials(t, c.file, "")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
