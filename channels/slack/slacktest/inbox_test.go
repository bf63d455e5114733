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

// TestOrder delivers the first tries of a chat in order, while a redelivery waits.
func TestOrder(t *testing.T) {
	t.Parallel()
	a := &app{answer: func(n int, w http.ResponseWriter, _ *http.Request) {
		if n <= 2 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}}
	inBubble(t, slacktest.Options{Pause: func(int) time.Duration { return time.Minute }}, a, func(t *testing.T, b bubble) {
		ina := b.Person(slacktest.Ina)
		for i := range 4 {
			ina.Say(ina.DM(), fmt.Sprint(i))
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		var texts []string
		for _, g := range a.all() {
			var e struct{ Event struct{ Text string } }
			json.Unmarshal([]byte(g.body), &e)
			texts = append(texts, e.Event.Text)
		}
		if len(texts) != 6 || strings.Join(texts[:4], "") != "0123" {
			t.Error(texts)
		}
	})
}

// TestLose delivers again what was taken.
func TestLose(t *testing.T) {
	t.Parallel()
	o := slacktest.Options{Lose: func(_ string, n int) bool { return n == 1 }}
	inBubble(t, o, &app{}, func(t *testing.T, b bubble) {
		b.Person(slacktest.Ina).Say("C1", "hi")
		synctest.Wait()
		if diff := cmp.Diff([]string{"0s", "1 http_timeout 0s"}, b.app.tries()); diff != "" || b.Pending() != 0 {
			t.Error(diff, b.Pending())
		}
		all, tries := b.app.all(), b.Deliveries()
		if all[0].body != all[1].body || tries[0].Body != all[0].body || tries[0].Problem == "" || tries[1].Retry != 1 || tries[1].Problem != "" {
			t.Errorf("%+v", tries)
		}
	})
}

// TestOff switches the events off when nearly all tries of an hour fail, and never for an app
// that gets few.
func TestOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		events int
		fail   func(n int) bool
		off    bool
	}{
		{"few", 200, func(int) bool { return true }, false}, // 800 tries
		{"all fail", 300, func(int) bool { return true }, true},
		{"one in ten is taken", 300, func(n int) bool { return n%10 > 0 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := &app{answer: func(n int, w http.ResponseWriter, _ *http.Request) {
				if c.fail(n) {
					w.WriteHeader(http.StatusNotFound)
				}
			}}
			inBubble(t, slacktest.Options{}, a, func(t *testing.T, b bubble) {
				for range c.events {
					b.Person(slacktest.Ina).Say("C1", "hi")
				}
				time.Sleep(30 * time.Minute)
				if b.Off() != c.off || b.Pending() != 0 {
					t.Errorf("off %v, %d pending", b.Off(), b.Pending())
				}
				n := len(a.all())
				b.Person(slacktest.Ina).Say("C1", "hi")
				synctest.Wait()
				if sent := len(a.all()) > n; sent == c.off {
					t.Errorf("sent %v", sent)
				}
			})
		})
	}
}

// TestWaits keeps what there is nowhere to deliver to.
func TestWaits(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, nil, func(t *testing.T, b bubble) {
		b.Person(slacktest.Ina).Say("C1", "hi")
		time.Sleep(time.Hour)
		if b.Pending() != 1 || len(b.Deliveries()) != 0 {
			t.Errorf("%d pending, %v", b.Pending(), b.Deliveries())
		}
		b.Leave("C1")
		b.Person(slacktest.Ina).Say("C1", "the app is not there")
		if b.Pending() != 1 {
			t.Error("an app hears what is said where it is not")
		}
	})
}
