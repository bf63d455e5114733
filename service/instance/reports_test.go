package instance_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/manyvox/manyvox/service/instance"
)

// What the successor reports comes after the last report of the one before it.
func TestReportsAreInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		before, after := instance.NewReports(), instance.NewReports()
		after.Follow(before)
		var got []string
		report := func(what string) func(context.Context) error {
			return func(context.Context) error { got = append(got, what); return nil }
		}
		done, busy, goOn := make(chan error, 2), make(chan struct{}), make(chan struct{})
		go func() {
			done <- before.Report(t.Context(), func(context.Context) error {
				close(busy)
				<-goOn
				return report("gone")(t.Context())
			})
		}()
		<-busy
		go func() { done <- after.Report(t.Context(), report("here")) }()
		before.End()
		synctest.Wait()
		if len(got) > 0 {
			t.Fatalf("reports %q while one is under way", got)
		}
		close(goOn)
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := before.Report(t.Context(), report("late")); err != nil {
			t.Error(err)
		}
		if want := []string{"gone", "here"}; !slices.Equal(got, want) {
			t.Errorf("reports %q, want %q", got, want)
		}
	})
}

func TestReportsEndWithTheCaller(t *testing.T) {
	t.Parallel()
	before, after := instance.NewReports(), instance.NewReports()
	after.Follow(before)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := after.Report(ctx, func(context.Context) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
