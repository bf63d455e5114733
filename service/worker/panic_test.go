package worker_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/service/worker"
)

func TestRecover(t *testing.T) {
	t.Parallel()
	failure := errors.New("no")
	call := func(f func() error) (err error) {
		defer worker.Recover(&err)
		return f()
	}
	if err := call(func() error { return nil }); err != nil {
		t.Errorf("a call that returns nil: %v", err)
	}
	if err := call(func() error { return failure }); !errors.Is(err, failure) {
		t.Errorf("a call that fails: %v", err)
	}
	err := call(func() error { panic("oh no") })
	var p *worker.Panic
	if !errors.As(err, &p) || p.Value != "oh no" {
		t.Fatalf("a call that panics: %v", err)
	}
	if text := err.Error(); !strings.HasPrefix(text, "panic: oh no\n") || !strings.Contains(text, "panic_test.go") {
		t.Errorf("the error does not show value and stack: %s", text)
	}
}
