package journaltest

import (
	"context"
	"errors"
	"testing/synctest"
)

// hold holds a name that is free, and checks that the context lives.
func (d *desk) hold(ctx context.Context, name string) (held context.Context, release func()) {
	d.Helper()
	held, release, err := d.Lease(ctx, name)
	if err != nil || held.Err() != nil {
		d.Fatalf("Hold of %s: error %v", name, err)
	}
	return held, release
}

// ended checks that a context has ended.
func (d *desk) ended(ctx context.Context, after string) {
	d.Helper()
	synctest.Wait()
	if ctx.Err() == nil {
		d.Errorf("the context lives after %s", after)
	}
}

var holdTests = map[string]func(*desk){
	"hold: a name that is free is held, until it is released": func(d *desk) {
		held, release := d.hold(d.Context(), "web")
		other, releaseOther := d.hold(d.Context(), "phone")
		synctest.Wait()
		d.is("held", errors.Join(held.Err(), other.Err()), nil)
		release()
		d.ended(held, "release")
		d.is("the other", other.Err(), nil)
		held, release = d.hold(d.Context(), "web")
		d.is("held again", held.Err(), nil)
		release()
		releaseOther()
	},
	"hold: ends with its context": func(d *desk) {
		ctx, cancel := context.WithCancel(d.Context())
		held, release := d.hold(ctx, "web")
		defer release()
		cancel()
		d.ended(held, "its parent")
		_, _, err := d.Lease(ctx, "phone")
		d.is("Hold", err, context.Canceled)
	},
	"hold: ends with the store": func(d *desk) {
		held, release := d.hold(d.Context(), "web")
		d.shut()
		d.ended(held, "Close")
		release()
	},
}
