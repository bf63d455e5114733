package slacktest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// tries are the retry headers and times of what an app has got.
func (a *app) tries() (list []string) {
	for _, g := range a.all() {
		list = append(list, strings.TrimSpace(fmt.Sprint(g.header.Get("X-Slack-Retry-Num"), " ", g.header.Get("X-Slack-Retry-Reason"), " ", g.at)))
	}
	return list
}

// redirects is an app that redirects so many requests to itself.
func redirects(most int) func(int, http.ResponseWriter, *http.Request) {
	return func(n int, w http.ResponseWriter, _ *http.Request) {
		if n <= most {
			w.Header().Set("Location", "http://app.test/slack")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
	}
}

// TestRedelivery follows Slack's schedule, whatever goes wrong.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	slow := func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for _, c := range []struct {
		name          string
		answer        func(int, http.ResponseWriter, *http.Request)
		want          []string
		after         time.Duration
		gone, pending int
	}{
		{"taken", nil, []string{"0s"}, 0, 0, 0},
		{"accepted", func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }, []string{"0s"}, 0, 0, 0},
		{"an error, then taken", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.WriteHeader(http.StatusNotFound)
			}
		}, []string{"0s", "1 http_error 0s"}, time.Hour, 0, 0},
		{"never taken", func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
			[]string{"0s", "1 http_error 0s", "2 http_error 1m0s", "3 http_error 6m0s"}, time.Hour, 1, 0},
		{"wants no other", func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Slack-No-Retry", "1")
			w.WriteHeader(http.StatusInternalServerError)
		}, []string{"0s"}, time.Hour, 1, 0},
		{"slow", slow, []string{"0s", "1 http_timeout 3s"}, 4 * time.Second, 0, 1},
		{"slow for ever", slow, []string{"0s", "1 http_timeout 3s", "2 http_timeout 1m6s", "3 http_timeout 6m9s"}, time.Hour, 1, 0},
		{"two redirects", redirects(2), []string{"0s", "0s", "0s"}, 0, 0, 0},
		{"more redirects", redirects(9), []string{"0s", "0s", "0s", "1 too_many_redirects 0s", "1 too_many_redirects 0s", "1 too_many_redirects 0s"}, time.Second, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, slacktest.Options{}, &app{answer: c.answer}, func(t *testing.T, b bubble) {
				ina := b.Person(slacktest.Ina)
				ina.Say(ina.DM(), "hi")
				time.Sleep(c.after)
				synctest.Wait()
				if diff := cmp.Diff(c.want, b.app.tries()); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if b.Dropped() != c.gone || b.Pending() != c.pending {
					t.Errorf("%d dropped, %d pending", b.Dropped(), b.Pending())
				}
			})
		})
	}
}

// TestMention is a message and an app_mention with one ts, in either order, but in direct
// messages.
func TestMention(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{false, true} {
		t.Run(fmt.Sprint(first), func(t *testing.T) {
			t.Parallel()
			inBubble(t, slacktest.Options{MentionFirst: first}, &app{}, func(t *testing.T, b bubble) {
				ina := b.Person(slacktest.Ina)
				ts := ina.Mention("C1", "a < b https://x.test/?a=1&b=2")
				ina.Mention(ina.DM(), "hi")
				synctest.Wait()
				var kinds []string
				for _, g := range b.app.all() {
					var e struct {
						ID    string `json:"event_id"`
						Team  string `json:"team_id"`
						Event struct{ Type, Channel, Text, TS string }
					}
					json.Unmarshal([]byte(g.body), &e)
					if e.Event.Channel != "C1" {
						continue
					}
					kinds = append(kinds, e.Event.Type)
					if e.Event.TS != ts || e.Event.Text != "<@U0BOT1> a &lt; b <https://x.test/?a=1&amp;b=2>" || e.ID == "" || e.Team != slacktest.TeamID {
						t.Errorf("%+v", e)
					}
				}
				want := []string{"message", "app_mention"}
				if first {
					want = []string{"app_mention", "message"}
				}
				if diff := cmp.Diff(want, kinds); diff != "" || len(b.app.all()) != 3 {
					t.Errorf("%s, %d events", diff, len(b.app.all()))
				}
			})
		})
	}
}

// TestSign has the vectors on which two implementations agree.
func TestSign(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"type":"url_verification","challenge":"c1"}`:  "5ce874b7d01bea615ea8892a63fe5dfd621a007f728f2893cdad2b4b5daa67f7",
		`command=%2Fask&text=h%C3%A9llo&team_id=T0AAA1`: "5c66026b577d711f63259b821488846a9968db017e3fba671a6022755eb3fbfd",
		"": "0db38b3bf3e0b52ebd71a5e295f12065e2bc48157238b6a43d676004caa98da3",
	} {
		h := slacktest.Sign("manyvox-test-secret", time.Unix(1_700_000_000, 0), []byte(body))
		if h.Get("X-Slack-Signature") != "v0="+want || h.Get("X-Slack-Request-Timestamp") != "1700000000" {
			t.Errorf("%q: %v", body, h)
		}
	}
}

// TestRequestURL asks for the challenge, signed, before it delivers there.
func TestRequestURL(t *testing.T) {
	t.Parallel()
	var answer string
	a := &app{answer: func(n int, w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, answer, "challenge-0FAKE"+fmt.Sprint(n))
	}}
	inBubble(t, slacktest.Options{}, a, func(t *testing.T, b bubble) {
		for i, c := range []struct {
			answer string
			ok     bool
		}{{"%s", true}, {`{"challenge":%q}`, true}, {"challenge=%s", true}, {`{"challenge":"x%s"}`, false}, {"%.0s", false}} {
			answer = c.answer
			if err := b.SetRequestURL(t.Context(), "http://app.test/x"); (err == nil) != c.ok {
				t.Errorf("%d: %v", i, err)
			}
		}
		g := a.all()[0]
		want := slacktest.Sign("manyvox-test-secret", time.Now(), []byte(g.body)).Get("X-Slack-Signature")
		if g.header.Get("X-Slack-Signature") != want || !strings.Contains(g.body, `"type":"url_verification"`) {
			t.Errorf("%+v", g)
		}
	})
}

// TestCheckSSL is unsigned.
func TestCheckSSL(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
		if status, err := b.CheckSSL(t.Context(), "http://app.test/x"); err != nil || status != 200 {
			t.Errorf("%d, %v", status, err)
		}
		if g := b.app.all()[0]; g.field("ssl_check") != "1" || g.header.Get("X-Slack-Signature") != "" {
			t.Errorf("%+v", g)
		}
	})
}

// TestEcho tells an app what it wrote itself, as Slack does.
func TestEcho(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
		ina := b.Person(slacktest.Ina)
		ina.Say("C1", "hi")
		ts := call(t, b.Server, token, "chat.postMessage", in("C1", "one")).TS
		call(t, b.Server, token, "chat.update", in("C1", "two", `"ts":"`+ts+`"`))
		call(t, b.Server, token, "chat.delete", in("C1", "", `"ts":"`+ts+`"`))
		b.RateLimited(slacktest.TeamID)
		synctest.Wait()
		var kinds []string
		for _, g := range b.app.all() {
			var e struct {
				Type  string
				Event struct {
					Type, Subtype string
					Bot           string `json:"bot_id"`
					Message       struct {
						Bot string `json:"bot_id"`
					}
				}
			}
			json.Unmarshal([]byte(g.body), &e)
			kinds = append(kinds, strings.Join([]string{e.Type, e.Event.Type, e.Event.Subtype, e.Event.Bot + e.Event.Message.Bot}, " "))
		}
		want := []string{
			"event_callback message  ", "event_callback message  B0BOT1", "event_callback message message_changed B0BOT1",
			"event_callback message message_deleted ", "app_rate_limited   ",
		}
		if diff := cmp.Diff(want, kinds, cmp.Transformer("sorted", func(l []string) map[string]int {
			m := map[string]int{}
			for _, one := range l {
				m[one]++
			}
			return m
		})); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
