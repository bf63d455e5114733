package sqlite_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

func backup(t *testing.T, dir, file string) error {
	t.Helper()
	return sqlite.Type().New().(journal.Backuper).Backup(t.Context(), journal.Env{DataDir: dir}, file)
}

// restored opens the copy of a journal.
func restored(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	to := t.TempDir()
	file := filepath.Join(to, "journal.db")
	if err := backup(t, dir, file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the copy has mode %v, error %v", info.Mode(), err)
	}
	if left := files(t, to); len(left) != 1 {
		t.Errorf("beside the copy is %v", left)
	}
	s := mustOpen(t, to)
	if found, err := s.Query(t.Context(), "PRAGMA integrity_check"); found != "ok" || err != nil {
		t.Errorf("integrity check: %s, error %v", found, err)
	}
	return s
}

func TestBackup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, dir)
	populate(t, s)
	copied := func() {
		t.Helper()
		r := restored(t, dir)
		defer mustClose(t, r)
		depth(t, r, journal.Depth{Inbox: 2, Outbox: 2, DeadLetters: 1})
		newest, err := r.Newest(t.Context())
		if err != nil || newest == 0 {
			t.Errorf("newest cursor %d, error %v", newest, err)
		}
	}
	copied() // while it is open
	mustClose(t, s)
	before := files(t, dir)
	copied()
	if after := files(t, dir); len(after) != len(before) {
		t.Errorf("files %v, then %v", before, after)
	}
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	mustClose(t, mustOpen(t, dir))
	there := filepath.Join(other, "there")
	if err := os.WriteFile(there, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := backup(t, dir, there); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file: error %v", err)
	}
	if got, err := os.ReadFile(there); string(got) != "precious" {
		t.Errorf("the file holds %q, error %v", got, err)
	}
	if err := backup(t, other, filepath.Join(other, "copy")); err == nil {
		t.Error("there is no journal, and it is copied")
	}
	if err := backup(t, dir, filepath.Join(other, "nowhere", "copy")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into no directory: error %v", err)
	}
	if left := files(t, other); len(left) != 1 {
		t.Errorf("files %v", left)
	}
}

// What was acknowledged before the backup began is in it, whatever comes meanwhile.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, dir)
	defer mustClose(t, s)
	var last [8]atomic.Int64
	stop := make(chan struct{})
	var producing sync.WaitGroup
	enough := make(chan struct{}, len(last))
	for p := range last {
		producing.Go(func() {
			for n := int64(1); ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				id := fmt.Sprint(n)
				sender := fmt.Sprint("sender", p)
				e := journal.MessageEvent(&channels.Message{Channel: "web", Sender: sender, ID: id, Text: "text", Received: time.Now()})
				if _, err := s.Enqueue(t.Context(), entryOf(sender, id, "text")); err != nil {
					t.Error(err)
				}
				if err := s.AppendEvents(t.Context(), e); err != nil {
					t.Error(err)
				}
				if last[p].Store(n); n == 50 {
					enough <- struct{}{}
				}
			}
		})
	}
	for range last {
		<-enough
	}
	var before [len(last)]int64
	for p := range last {
		before[p] = last[p].Load()
	}
	r := restored(t, dir)
	defer mustClose(t, r)
	close(stop)
	producing.Wait()
	for p, n := range before {
		sender := fmt.Sprint("sender", p)
		for id := int64(1); id <= n; id++ {
			known, err := r.Recall(t.Context(), journal.Key{Channel: "web", Sender: sender, ID: fmt.Sprint(id)})
			if known == nil || err != nil {
				t.Errorf("message %d of %s is lost, error %v", id, sender, err)
			}
		}
		events, err := r.History(t.Context(), channels.Conversation{Channel: "web", Sender: sender}, 1_000_000)
		if err != nil || int64(len(events)) < n {
			t.Errorf("%s has %d events of %d, error %v", sender, len(events), n, err)
		}
	}
}

// Another process has the journal open, and is at work.
func TestBackupOfAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, out := startChild(t, dir)
	killer := time.AfterFunc(childTimeout, func() { cmd.Process.Kill() })
	defer killer.Stop()
	lines := bufio.NewScanner(out)
	stored := map[string]bool{}
	for len(stored) < 200 && lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "stored "); ok {
			stored[strings.Fields(id)[0]] = true
		}
	}
	var reading sync.WaitGroup
	reading.Go(func() { // else the child waits for the pipe
		for lines.Scan() {
		}
	})
	i := inspection(t, dir)
	r := restored(t, dir)
	defer mustClose(t, r)
	cmd.Process.Kill()
	reading.Wait()
	cmd.Wait()
	if i.Inbox+i.Outbox == 0 || i.Bytes == 0 {
		t.Errorf("inspection %+v", i)
	}
	waiting, answered := drain(t, r)
	for id := range stored {
		if _, waits := waiting[id]; waits == answered[id] {
			t.Errorf("message %s waits: %v, was answered: %v", id, waits, answered[id])
		}
	}
}
