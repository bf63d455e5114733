package cmd_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEdge08_11_Asks: what deletes for good asks on a terminal, and needs --yes elsewhere.
func TestEdge08_11_Asks(t *testing.T) {
	t.Parallel()
	const (
		drop      = "Really delete all dead letters? It cannot be undone. [y/N] "
		dropOther = "Really delete all dead letters of channel \"other\"? It cannot be undone. [y/N] "
		forget    = "Really delete all that is kept of \"ann\" on channel \"other\"? It cannot be undone. [y/N] "
		no        = "manyvox: not confirmed: nothing was deleted\n"
	)
	for _, c := range []struct {
		name     string
		terminal io.Reader
		args     string
		want     outcome
		left     int
	}{
		{"nobody to ask", nil, "dead-letters drop --all", outcome{code: 2, err: "manyvox: to delete all dead letters needs --yes where nobody can be asked\n"}, 3},
		{"nobody to ask, with --yes", nil, "dead-letters drop --all --yes", outcome{out: "dropped 3 dead letters\n"}, 0},
		{"nobody to ask about one", nil, "dead-letters drop 1", outcome{out: "dropped 1 dead letter\n"}, 2},
		{"nobody to ask about a replay", nil, "dead-letters replay --all", outcome{out: "replayed 3 dead letters\n"}, 0},
		{"yes", strings.NewReader("y\n"), "dead-letters drop --all", outcome{out: "dropped 3 dead letters\n", err: drop}, 0},
		{"Yes", strings.NewReader(" Yes \n"), "dead-letters drop --all --channel other", outcome{out: "dropped 1 dead letter\n", err: dropOther}, 2},
		{"no", strings.NewReader("n\n"), "dead-letters drop --all", outcome{code: 1, err: drop + no}, 3},
		{"nothing", strings.NewReader("\n"), "dead-letters drop --all", outcome{code: 1, err: drop + no}, 3},
		{"the end", strings.NewReader(""), "dead-letters drop --all", outcome{code: 1, err: drop + no}, 3},
		{"nobody to ask to forget", nil, "forget other ann", outcome{code: 2, err: "manyvox: to delete all that is kept of \"ann\" on channel \"other\" needs --yes where nobody can be asked\n"}, 3},
		{"forget", strings.NewReader("y\n"), "forget --channel other --sender ann", outcome{out: "deleted 1 row of the journal\n", err: forget}, 2},
		{"do not forget", strings.NewReader("no\n"), "forget other ann", outcome{code: 1, err: forget + no}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := storeWithDeadLetters(t)
			server := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
			p := newProgram()
			p.Terminal = c.terminal
			got := p.runToEnd(t, "", append(strings.Fields(c.args), "--server", "http://"+server.addr, "--data-dir", server.dataDir)...)
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if depth, err := d.Depth(t.Context()); err != nil || depth.DeadLetters != c.left {
				t.Errorf("%d are left, want %d, %v", depth.DeadLetters, c.left, err)
			}
		})
	}
}

// TestEdge08_11_AsksUntilASignal: a question that nobody answers ends with the program.
func TestEdge08_11_AsksUntilASignal(t *testing.T) {
	t.Parallel()
	p := newProgram()
	silent, typed := io.Pipe()
	defer typed.Close() // ends the read
	p.Terminal = silent
	ctx, cancel := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() { code <- p.Run(ctx, []string{"forget", "rest", "ann"}) }()
	p.err.await(t, "[y/N] ")
	cancel()
	if c := <-code; c != 1 {
		t.Errorf("exit code %d", c)
	}
}

// TestEdge08_11_ForgetTakesFlags: channel and sender come by flags, or without.
func TestEdge08_11_ForgetTakesFlags(t *testing.T) {
	t.Parallel()
	const want = "manyvox: forget: expected a channel and a sender: --channel NAME --sender ID, or NAME ID\n"
	for _, args := range []string{"", "rest", "--channel rest", "--sender ann", "rest ann more", "rest --sender ann", "rest ann --channel rest --sender ann"} {
		got := runToEnd(t, "", append([]string{"forget", "--yes"}, strings.Fields(args)...)...)
		if got.code != 2 || !strings.HasSuffix(got.err, want) {
			t.Errorf("%q: %+v", args, got)
		}
	}
}
