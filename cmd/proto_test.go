package cmd_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/cmd"
)

// contents returns the files below a directory.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		found[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestProtoWritesThePublishedFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "for", "it")
	got := runToEnd(t, "", "proto", "-o", dir)
	if got.code != cmd.ExitOK || got.err != "" {
		t.Fatalf("exit code %d: %s", got.code, got.err)
	}
	want := contents(t, filepath.Join("..", "proto", "manyvox"))
	if len(want) == 0 {
		t.Fatal("nothing is published")
	}
	if diff := cmp.Diff(want, contents(t, filepath.Join(dir, "manyvox"))); diff != "" {
		t.Errorf("(-published +written):\n%s", diff)
	}
	for name := range want {
		if path := filepath.Join(dir, "manyvox", name); !strings.Contains(got.out, "wrote "+path+"\n") {
			t.Errorf("%s is not told: %s", path, got.out)
		}
	}
}

func TestProtoOverwritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine := filepath.Join(dir, "manyvox", "v1", "channel.proto")
	if err := os.MkdirAll(filepath.Dir(mine), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runToEnd(t, dir, "proto", "-o", dir)
	if got.code != cmd.ExitFailure || !strings.HasPrefix(got.err, "manyvox: -o: ") {
		t.Errorf("exit code %d: %s", got.code, got.err)
	}
	if now := contents(t, dir)["manyvox/v1/channel.proto"]; now != "mine" {
		t.Errorf("the file is now %q", now)
	}
}
