package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/manyvox/manyvox/config"
)

func TestReadFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string, size int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.Repeat("x", size)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file("target", 3), link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		file("small", 3): "", file("largest", 1<<20): "", link: "",
		file("large", 1<<20+1): "larger than 1024 KiB", dir: "is a directory", fifo: "is no regular file", "/dev/zero": "is no regular file",
		filepath.Join(dir, "absent"): "no such file",
	} {
		data, err := config.ReadFile(path)
		switch {
		case want == "" && (err != nil || len(data) < 3):
			t.Errorf("%s: %d bytes, %v", path, len(data), err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
