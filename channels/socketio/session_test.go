package socketio_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/socketio"
)

func TestSession(t *testing.T) {
	t.Parallel()
	id, sender := socketio.IssueSession("key", "socketio", "ann")
	forged := strings.Repeat("0", len(sender)) + id[len(sender):]
	for _, c := range []struct {
		name, key, channel, id, subject string
		known                           bool
	}{
		{"its own", "key", "socketio", id, "ann", true},
		{"of another key", "other", "socketio", id, "ann", false},
		{"of another channel", "key", "sales", id, "ann", false},
		{"of another subject", "key", "socketio", id, "bob", false},
		{"of no subject", "key", "socketio", id, "", false},
		{"forged", "key", "socketio", forged, "ann", false},
		{"the sender alone", "key", "socketio", sender, "ann", false},
		{"without its signature", "key", "socketio", sender + ".", "ann", false},
		{"with more", "key", "socketio", id + "A", "ann", false},
		{"Rasa's", "key", "socketio", "0123456789abcdef0123456789abcdef", "ann", false},
		{"empty", "key", "socketio", "", "ann", false},
		{"a dot", "key", "socketio", ".", "ann", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := socketio.VerifySession(c.key, c.channel, c.id, c.subject)
			if ok != c.known || ok && got != sender {
				t.Errorf("%q, %v, want %v", got, ok, c.known)
			}
		})
	}
	if other, _ := socketio.IssueSession("key", "socketio", "ann"); other == id {
		t.Error("two sessions have one id")
	}
}

// FuzzSession checks that no id is known but those that were issued.
func FuzzSession(f *testing.F) {
	const id = "1c0d9fc7ec88ba40b7840791091e4b98.yIIx1zhSQHBGaPjiqSmh9A" // was issued
	if _, ok := socketio.VerifySession("key", "socketio", id, ""); !ok {
		f.Fatal("an id that was issued is not known: clients would lose their sessions")
	}
	f.Add(id)
	f.Add(id[:32])
	f.Add("0123456789abcdef0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := socketio.VerifySession("key", "socketio", s, ""); ok && s != id {
			t.Errorf("%q is known as %q", s, got)
		}
	})
}

func TestRate(t *testing.T) {
	t.Parallel()
	at := time.Now()
	const quarter = 250 * time.Millisecond
	for _, c := range []struct {
		name  string
		at    []time.Time
		waits []time.Duration
	}{
		{"at once", []time.Time{at, at, at, at, at, at}, []time.Duration{0, 0, 0, 0, quarter, 2 * quarter}},
		{"later", []time.Time{at, at, at, at, at.Add(quarter), at.Add(quarter)}, []time.Duration{0, 0, 0, 0, 0, quarter}},
		{"within the rate", []time.Time{at, at.Add(time.Second), at.Add(2 * time.Second)}, []time.Duration{0, 0, 0}},
		{
			"a pause saves up no more", []time.Time{at, at.Add(time.Hour), at.Add(time.Hour), at.Add(time.Hour), at.Add(time.Hour), at.Add(time.Hour)},
			[]time.Duration{0, 0, 0, 0, 0, quarter},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.waits, socketio.Waits(4, c.at...)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
