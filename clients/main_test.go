// Package clients_test builds the npm package and the Python wheel, installs them into empty
// projects, and runs them against a real program whose network and whose process fail.
package clients_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" { // this process is a program that is to be killed
		os.Exit(runChild(dir))
	}
	goleak.VerifyTestMain(m)
}

// skip skips a test that cannot run here. In CI nothing may be missing.
func skip(t *testing.T, missing string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}
