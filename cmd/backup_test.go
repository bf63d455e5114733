package cmd_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBackup(t *testing.T) {
	t.Parallel()
	d := newSharedStore(t)
	dir := files(t, map[string]string{"endpoints.yml": echoes})
	file := filepath.Join(dir, "copy")
	args := []string{"backup", file, "--data-dir", "x", "--endpoints", filepath.Join(dir, "endpoints.yml")}
	d.openedBy = "a program that runs"
	for _, want := range []outcome{{out: "wrote copy\n"}, {code: 1, err: "manyvox: backup: open copy: file exists\n"}} {
		got := programWith(t, d, 1).runToEnd(t, dir, args...)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "what is in x" {
		t.Errorf("the copy holds %q, %v", data, err)
	}
	want := outcome{code: 2, err: "manyvox: backup: store memory has no file to copy: " +
		"a PostgreSQL is backed up by pg_dump, and the store memory keeps nothing that could be\n"}
	if diff := cmp.Diff(want, runToEnd(t, dir, args...), cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
