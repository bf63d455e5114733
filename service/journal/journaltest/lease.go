package journaltest

import (
	"context"
	"errors"
	"testing/synctest"
)

// lease takes a lease that is free, and checks that its context has not ended.
func lease(ctx context.Context, h *harness, name string) (leased context.Context, release func()) {
	h.Helper()
	leased, release, err := h.Lease(ctx, name)
	if err != nil || leased.Err() != nil {
		h.Fatalf("Lease of %s: error %v", name, err)
	}
	return leased, release
}

// wantEnded checks that a context has ended.
func wantEnded(ctx context.Context, h *harness, after string) {
	h.Helper()
	synctest.Wait()
	if ctx.Err() == nil {
		h.Errorf("the context lives after %s", after)
	}
}

var leaseTests = map[string]func(*harness){
	// A lease of a free name is given at once; its context lives until it is released, and
	// then the name can be leased again. Other names are not concerned.
	"lease: a name that is free is leased, until it is released": func(h *harness) {
		leased, release := lease(h.Context(), h, "web")
		other, releaseOther := lease(h.Context(), h, "phone")
		synctest.Wait()
		h.wantErr("leased", errors.Join(leased.Err(), other.Err()), nil)
		release()
		wantEnded(leased, h, "release")
		h.wantErr("the other", other.Err(), nil)
		leased, release = lease(h.Context(), h, "web")
		h.wantErr("leased again", leased.Err(), nil)
		release()
		releaseOther()
	},
	// A lease ends with the context it was asked with, and a context that has ended gets
	// none.
	"lease: ends with its context": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		leased, release := lease(ctx, h, "web")
		defer release()
		cancel()
		wantEnded(leased, h, "its parent")
		_, _, err := h.Lease(ctx, "phone")
		h.wantErr("Lease", err, context.Canceled)
	},
	// A lease ends when the store is closed.
	"lease: ends with the store": func(h *harness) {
		leased, release := lease(h.Context(), h, "web")
		h.closeStore()
		wantEnded(leased, h, "Close")
		release()
	},
}
