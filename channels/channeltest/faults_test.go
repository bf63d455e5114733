package channeltest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels/channeltest"
)

// TestEveryCheckFindsSomething wants each check to be named by a test, in which a channel does not
// pass it: a check that nothing fails checks nothing.
func TestEveryCheckFindsSomething(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	for _, name := range channeltest.Names() {
		if !strings.Contains(tests.String(), `"`+name+`"`) {
			t.Errorf("no test has a channel that fails %q", name)
		}
	}
}

// TestContractFindsKeysThatAreNotRefused has an Example that no key can be added to, so that
// nobody sees what an unknown one does.
func TestContractFindsKeysThatAreNotRefused(t *testing.T) {
	t.Parallel()
	flow := typ(fakeConfig{})
	flow.Example = "{token: xoxb-1}"
	if failed := channeltest.Failed(flow, good()); !slices.Contains(failed, "refuses an unknown key") {
		t.Errorf("failed checks: %q", failed)
	}
}
