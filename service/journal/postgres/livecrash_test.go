//go:build unix

package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// The points up to which a child process brings bob's live part.
const (
	stageBegun = iota
	stageClaimed
	stageOpened
	stageRolledOver
	stageCompleted
	stages
)

// childGrower brings bob's live part to a stage and writes a line. When one comes in, it goes on
// and writes what its calls return.
func childGrower(ctx context.Context, s *postgres.Store) error {
	stage := int(idOf(os.Getenv(childWho)))
	turn, err := s.Next(ctx)
	if err != nil {
		return err
	}
	begin := livePart("begins")
	if err := s.Settle(ctx, turn.Claim, journal.Step{Begin: &begin}); err != nil {
		return err
	}
	var d journal.Delivery
	s.OpenOutbox(journaltest.Slots("web"))
	live, receipt := livePart("so far"), &channels.Receipt{ID: "r"}
	for _, step := range []func() error{
		stageBegun:   func() error { return nil },
		stageClaimed: func() (err error) { d, err = s.NextPart(ctx); return err },
		stageOpened:  func() error { return s.KeepLive(ctx, d.Claim, journal.LiveProgress{Part: live, Receipt: receipt}) },
		stageRolledOver: func() error {
			live.ID = "live2"
			return s.KeepLive(ctx, d.Claim, journal.LiveProgress{Part: live})
		},
		stageCompleted: func() error {
			live.Reply.Text = "whole"
			return s.Settle(ctx, turn.Claim, journal.Step{Complete: &journal.Completion{ID: live.ID, Parts: []channels.Part{live}}})
		},
	}[:stage+1] {
		if err := step(); err != nil {
			return err
		}
	}
	fmt.Println("there")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	ended := s.Settle(ctx, turn.Claim, wholeStep())
	kept := s.KeepLive(ctx, d.Claim, journal.LiveProgress{Part: livePart("late")})
	fmt.Println("fenced", errors.Is(ended, journal.ErrFenced), errors.Is(kept, journal.ErrFenced))
	return s.Close()
}

// growAt has a child bring the part to a stage.
func growAt(t *testing.T, url string, s *postgres.Store, stage int) *child {
	t.Helper()
	s.OpenInbox()
	if _, err := s.Enqueue(t.Context(), entryOf("bob", strconv.Itoa(stage))); err != nil {
		t.Fatal(err)
	}
	p := startChild(t, url, "grower", stage)
	if line := p.readLine(t); line != "there" {
		t.Fatalf("the child writes %q", line)
	}
	return p
}

// wantAt checks the part that another left at a stage, and sends it.
func wantAt(t *testing.T, s *postgres.Store, stage int) {
	t.Helper()
	want := livePart("so far")
	var live *journal.Live
	switch stage {
	case stageBegun, stageClaimed:
		want.Reply.Text = "begins"
	case stageOpened:
		live = wasOpened
	case stageRolledOver:
		want.ID = "live2"
	case stageCompleted:
		want.ID, want.Reply.Text = "live2", "whole"
	}
	d := nextPart(t, s, want.ID)
	if d.Part.Reply.Text != want.Reply.Text || (d.Live == nil) != (live == nil) || d.Live != nil && (d.Live.Growing || d.Live.Receipt == nil) {
		t.Errorf("NextPart returns %+v with %+v, want %+v with %+v", d.Part, d.Live, want, live)
	}
	settlePart(t, s, d, sentPart)
}

// endTurn ends the turn that the child left.
func endTurn(t *testing.T, s *postgres.Store) {
	t.Helper()
	s.OpenInbox("web")
	ctx, cancel := context.WithTimeout(t.Context(), promptly)
	defer cancel()
	turn, err := s.Next(ctx)
	if err != nil || turn.Shown == 0 {
		t.Fatalf("Next returns %+v, error %v; want a turn that has shown something", turn, err)
	}
	step(t, s, turn.Claim, journal.Step{End: &journal.End{Outcome: journal.OutcomeInterrupted}})
}

// TestCrashGrower kills a process whose part grows, at each point. Another goes on with what
// was committed.
func TestCrashGrower(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	s := openReplica(t, url, longLease())
	s.OpenOutbox(journaltest.Slots("web"))
	for stage := range stages {
		p := growAt(t, url, s, stage)
		noPart(t, s)
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		wantAt(t, s, stage)
		endTurn(t, s)
	}
	wantCounts(t, s, journal.Depth{DeadLetters: stages, Free: -1})
}

// TestCrashFrozenGrower freezes a process whose part grows, at each point, until another has
// gone on with it. When it wakes it can neither grow nor complete the part.
func TestCrashFrozenGrower(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	s := openReplica(t, url, longLease())
	s.OpenOutbox(journaltest.Slots("web"))
	for stage := range stages {
		p := growAt(t, url, s, stage)
		if err := p.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		wantAt(t, s, stage)
		if err := p.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintln(p.in); err != nil {
			t.Fatal(err)
		}
		if line := p.readLine(t); line != "fenced true true" {
			t.Errorf("at stage %d the child writes %q", stage, line)
		}
		p.Wait() // it has left
		endTurn(t, s)
	}
	wantCounts(t, s, journal.Depth{DeadLetters: stages, Free: -1})
}
