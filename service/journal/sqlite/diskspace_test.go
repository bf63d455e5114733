package sqlite_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// Depth has how much can still be written.
func TestFree(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("it is not known here")
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, dir)
		defer mustClose(t, s)
		first := free(t, s)
		if first <= 0 {
			t.Errorf("%d bytes are free", first)
		}
		s.SetFree(7)
		time.Sleep(time.Second - time.Nanosecond)
		if got := free(t, s); got != 7 {
			t.Errorf("%d bytes are free, want those that were asked for", got)
		}
		time.Sleep(time.Nanosecond)
		if got := free(t, s); got == 7 {
			t.Error("the disk is not asked again")
		}
	})
}

func free(t *testing.T, s *sqlite.Store) int64 {
	t.Helper()
	d, err := s.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d.Free
}
