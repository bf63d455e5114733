//go:build unix

package pgtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// binary returns the path of one of PostgreSQL's programs, from PATH or from where
// Debian puts them, the newest version first. Without it the test is skipped, but not
// in CI, where it must be there.
func binary(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 && os.Getenv("CI") == "true" {
		t.Fatalf("no %s in PATH or /usr/lib/postgresql", name)
	}
	if len(found) == 0 {
		t.Skipf("no %s in PATH or /usr/lib/postgresql", name)
	}
	return slices.Max(found)
}
