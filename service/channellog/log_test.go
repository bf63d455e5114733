package channellog_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/channellog"
)

// newRecorder returns a recorder of an empty log, without secrets.
func newRecorder() *channellog.Recorder {
	return channellog.NewRecorder(channellog.New(), nil, false, slog.New(slog.DiscardHandler))
}

// lines returns the log of a recorder, an entry a line.
func lines(r *channellog.Recorder) (list []string) {
	entries, _ := r.Since(0)
	for i := range entries {
		list = append(list, line(&entries[i]))
	}
	return list
}

func line(e *channellog.Entry) string {
	text := fmt.Sprintf("%v %s %d %v %s", e.Direction, e.Route, e.Status, e.Verdict, e.Text)
	if e.Sender != "" {
		text += " " + e.Sender
	}
	if e.Count > 1 {
		text += fmt.Sprintf(" (%d)", e.Count)
	}
	return strings.Join(strings.Fields(text), " ")
}

func accepted(sender string) channels.Exchange {
	return channels.Exchange{Route: "POST /webhook", Status: 200, Verdict: channels.VerdictAccepted, Sender: sender}
}

func unsigned() channels.Exchange {
	return channels.Exchange{Route: "POST /webhook", Status: 401}.WithError(channels.WrongSignature("signing_secret", ""))
}

func TestLogKeepsTheLast(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	for n := range 250 {
		r.Record(t.Context(), accepted(fmt.Sprint("s", n)))
	}
	got := lines(r)
	if len(got) != channellog.MaxEntries || got[0] != "in POST /webhook 200 accepted s50" || got[199] != "in POST /webhook 200 accepted s249" {
		t.Errorf("%d entries, from %q to %q", len(got), got[0], got[len(got)-1])
	}
	entries, last := r.Since(0)
	if first := entries[0].ID; last-first != channellog.MaxEntries-1 {
		t.Errorf("the last number is %d where the first kept is %d", last, first)
	}
}

func TestLogFolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.Record(t.Context(), accepted("ann"))
		for range 12 {
			r.Record(t.Context(), unsigned())
			r.Record(t.Context(), channels.Exchange{Route: "POST /hook", Status: 404, Text: "no such route"})
			time.Sleep(10 * time.Second)
		}
		r.Record(t.Context(), accepted("ann"))
		r.Record(t.Context(), accepted("ann")) // each message is one of its own
		want := []string{
			"in POST /webhook 200 accepted ann",
			"in POST /webhook 401 signature_wrong signature does not match signing_secret (12)",
			"in POST /hook 404 refused no such route (12)",
			"in POST /webhook 200 accepted ann",
			"in POST /webhook 200 accepted ann",
		}
		if diff := cmp.Diff(want, lines(r)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		time.Sleep(4 * time.Minute) // the count is of 5 minutes
		r.Record(t.Context(), unsigned())
		want = append(want, "in POST /webhook 401 signature_wrong signature does not match signing_secret")
		if diff := cmp.Diff(want, lines(r)); diff != "" {
			t.Errorf("after 5 minutes: -want +got:\n%s", diff)
		}
		entries, _ := r.Since(0)
		if n := entries[1]; n.Began.Sub(n.First) != 110*time.Second {
			t.Errorf("12 in %v", n.Began.Sub(n.First))
		}
	})
}

// A poller that finds nothing, and a platform that asks whether the webhook is there, take
// one place.
func TestLogFoldsWhatIsNoMessage(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	for n := range 1000 {
		r.Record(t.Context(), channels.Exchange{Direction: channels.DirectionOut, Route: "POST api.example/getUpdates", Status: 200})
		r.Record(t.Context(), channels.Exchange{Route: "GET /webhook", Status: 200})
		if n%100 == 0 {
			r.Record(t.Context(), accepted("ann"))
		}
	}
	if got := lines(r); len(got) != 12 {
		t.Errorf("%d entries where 12 are expected: %q", len(got), got)
	}
}

// Whatever there is a flood of, half of the places are for the rest.
func TestLogKeepsBothKinds(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	for n := range 150 {
		r.Record(t.Context(), channels.Exchange{Route: "POST /webhook", Status: 400, Text: fmt.Sprint("wrong ", n)})
	}
	for n := range 5000 {
		r.Record(t.Context(), accepted(fmt.Sprint("s", n)))
	}
	kinds := func() (ordinary, others int) {
		for _, text := range lines(r) {
			if strings.Contains(text, "accepted") {
				ordinary++
			} else {
				others++
			}
		}
		return ordinary, others
	}
	if ordinary, others := kinds(); ordinary != 100 || others != 100 {
		t.Errorf("%d ordinary and %d others after a flood of messages", ordinary, others)
	}
	for n := range 5000 {
		r.Record(t.Context(), channels.Exchange{Route: fmt.Sprint("POST /", n), Status: 404})
	}
	if ordinary, others := kinds(); ordinary < 99 || others > 101 {
		t.Errorf("%d ordinary and %d others after a flood of junk", ordinary, others)
	}
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	r := channellog.NewRecorder(channellog.New(), nil, true, slog.New(slog.DiscardHandler))
	big := strings.Repeat("ä", 1<<20)
	for n := range 1000 {
		r.Record(t.Context(), channels.Exchange{
			Route: big, Code: big, Text: big, Sender: fmt.Sprint(n%7) + big, Message: big,
			Verdict: channels.Verdict(1 + n%(channels.Verdicts-1)),
		})
	}
	entries, _ := r.Since(0)
	size := 0
	for _, e := range entries {
		size += 256 + len(e.Route) + len(e.Code) + len(e.Text) + len(e.Sender) + len(e.Message)
		if len(e.Text) > 200 || !strings.HasSuffix(e.Text, "…") || strings.ContainsRune(e.Text, '\uFFFD') {
			t.Fatalf("text %q", e.Text)
		}
	}
	if size > 1<<20 || len(entries) < 100 {
		t.Errorf("%d entries of %d bytes", len(entries), size)
	}
}

func TestLogCounts(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	for range 300 {
		r.Record(t.Context(), accepted("ann"))
		r.Record(t.Context(), unsigned())
	}
	r.Record(t.Context(), channels.Exchange{Direction: channels.DirectionOut, Status: 429, Text: "slow down"})
	var got []string
	for _, c := range r.Counts() {
		got = append(got, fmt.Sprint(c.Direction, " ", c.Verdict, " ", c.Count, ": ", c.Last.Text))
	}
	want := []string{"in accepted 300: ", "in signature_wrong 300: signature does not match signing_secret", "out failed 1: slow down"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLogSince(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	changed := r.Changed()
	r.Record(t.Context(), unsigned())
	<-changed
	r.Record(t.Context(), accepted("ann"))
	before, _ := r.Since(0)
	cursor := before[1].Cursor
	r.Record(t.Context(), unsigned())
	after, _ := r.Since(cursor)
	if len(after) != 1 || after[0].ID != before[0].ID || after[0].Count != 2 {
		t.Errorf("behind the cursor: %+v", after)
	}
	if rest, _ := r.Since(after[0].Cursor); rest != nil {
		t.Errorf("behind the end: %+v", rest)
	}
	other, _ := channellog.New().Since(0)
	if other != nil {
		t.Errorf("a new log has %+v", other)
	}
}

func TestLogSideBySide(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 200 {
				r.Record(t.Context(), accepted(fmt.Sprint(n)))
				r.Record(t.Context(), unsigned())
				r.Since(0)
				r.Changed()
			}
		})
	}
	all.Wait()
	for _, c := range r.Counts() {
		if c.Count != 8*200 {
			t.Errorf("%v: %d", c.Verdict, c.Count)
		}
	}
}
