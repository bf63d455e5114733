package service_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
	"github.com/manyvox/manyvox/service/servicetest"
)

// openSQLite opens the journal in a directory.
func openSQLite(t *testing.T, dir string) journal.Journal {
	t.Helper()
	store, err := sqlite.Open(t.Context(), dir, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// copyOf returns a copy of a data directory, which is as a kill at this moment leaves it.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return killed
}

// shouts returns a Fit that renders text in capitals, and cuts it at most characters.
func shouts(most int) func(channels.Part) []channels.Part {
	return func(p channels.Part) (parts []channels.Part) {
		for text := strings.ToUpper(p.Reply.Text); text != ""; {
			p.Reply.Text = channels.UnitRunes.Prefix(text, most)
			text = text[len(p.Reply.Text):]
			parts = append(parts, p)
		}
		return parts
	}
}

// hides is a Fit that shows no text that grows.
func hides(p channels.Part) []channels.Part {
	if strings.HasPrefix(p.Reply.Text, servicetest.Private+"a") {
		return nil
	}
	return []channels.Part{p}
}

// A text that a kill leaves in the middle is fitted before it leaves, whether its message was
// opened or not. All parts that Fit makes of it leave, before what is behind it.
func TestKillInMidGrowth(t *testing.T) {
	t.Parallel()
	const shown = "aaaaaaaaaaaaaaaaa…" // until the end of the first run
	for name, c := range map[string]struct {
		fit    func(channels.Part) []channels.Part
		format channels.Format
		opened []string // what comes after the kill, when the message was opened before
		not    []string // and when it was not: then less was committed
	}{
		"whole": {fit: shouts(100), opened: []string{"AAAAAA", "SORRY"}, not: []string{"A", "SORRY"}},
		"cut":   {fit: shouts(6), opened: []string{"AAAAA", "A", "SORRY"}, not: []string{"A", "SORRY"}},
		"cut into many": {
			fit: shouts(1), opened: strings.Split(" A A A A A A  S O R R Y", " "), not: strings.Split(" A  S O R R Y", " "),
		},
		"shown as plain text": {format: channels.FormatMarkdown, opened: []string{"aaaaaa", "sorry"}, not: []string{"a", "sorry"}, fit: func(p channels.Part) []channels.Part {
			if p.Reply.Format == channels.FormatMarkdown {
				return nil
			}
			return []channels.Part{p}
		}},
		"not shown": {fit: hides, opened: []string{shown, "sorry"}, not: []string{"sorry"}},
		"fit panics": {opened: []string{shown, "sorry"}, not: []string{"sorry"}, fit: func(p channels.Part) []channels.Part {
			if len(hides(p)) == 0 {
				panic("a bug")
			}
			return []channels.Part{p}
		}},
	} {
		for _, opened := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", opened ", opened), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, want := &servicetest.StreamPlatform{}, c.opened
					p.OnFit = c.fit
					if !opened {
						want = c.not
						p.OnCall = func(context.Context, servicetest.LiveCall) error {
							return &channels.SendError{Class: channels.SendUnavailable, RetryAfter: 30 * time.Second}
						}
					}
					a := &servicetest.ScriptedAgent{Script: growsIn(c.format, forever()...)}
					start, killed := kill(t, p, a)
					p.OnCall = nil
					s := start(killed)
					servicetest.Advance(time.Hour)
					if diff := cmp.Diff(want, p.Shown("mail", "ann")); diff != "" {
						t.Errorf("shown after the kill (-want +got):\n%s", diff)
					}
					if d, err := s.Journal.Depth(t.Context()); err != nil || d.Inbox+d.Outbox > 0 {
						t.Errorf("left: %+v, %v", d, err)
					}
				})
			})
		}
	}
}

// kill posts a message, kills the service 6.5 s later, and returns what starts it on a data
// directory, and the one that the kill has left.
func kill(t *testing.T, p *servicetest.StreamPlatform, a agents.Agent) (start func(dir string) *servicetest.Harness, killed string) {
	t.Helper()
	start = func(dir string) *servicetest.Harness {
		return servicetest.NewStreamHarness(t, p, service.Config{Agent: a, Journal: openSQLite(t, dir)})
	}
	dir := t.TempDir()
	s := start(dir)
	s.Post(t, "mail", "ann", "one")
	time.Sleep(6500 * time.Millisecond)
	killed = copyOf(t, dir)
	s.Stop(t)
	return start, killed
}

// A part of such a text that can't leave is tried again, after a restart too. Those before it
// are not sent again, and those behind it wait.
func TestRestOfAKilledTextIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, down := &servicetest.StreamPlatform{}, true
		p.OnFit = shouts(6)
		p.OnSend = func(_ context.Context, part channels.Part, _ int) error {
			if down && part.Reply.Text == "A" {
				return servicetest.SendFailure(channels.SendUnavailable)
			}
			return nil
		}
		start, killed := kill(t, p, &servicetest.ScriptedAgent{Script: grows(forever()...)})
		s := start(killed)
		servicetest.Advance(time.Minute)
		if diff := cmp.Diff([]string{"AAAAA"}, p.Shown("mail", "ann")); diff != "" {
			t.Errorf("shown while the platform is down (-want +got):\n%s", diff)
		}
		s.Stop(t)
		down = false
		start(killed)
		servicetest.Advance(time.Hour)
		if diff := cmp.Diff([]string{"AAAAA", "A", "SORRY"}, p.Shown("mail", "ann")); diff != "" {
			t.Errorf("shown in the end (-want +got):\n%s", diff)
		}
	})
}
