package instance

import "context"

// Reports orders what the instances of one name report of who is connected here, over a
// reload: the one that goes reports no more once its successor begins. Else its last "gone"
// could come after the first "here" of the same person.
type Reports struct {
	uses  *Uses
	after <-chan struct{} // closed once the predecessor reports no more; nil without one
}

// NewReports returns the reports of an instance that follows none.
func NewReports() *Reports { return &Reports{uses: NewUses()} }

// Follow makes r wait for the reports of the instance before it. It is called before r is
// used.
func (r *Reports) Follow(before *Reports) { r.after = before.uses.Ended() }

// End lets no report through any more. Those under way are waited for by the successor.
func (r *Reports) End() { r.uses.Retire() }

// Report calls f, unless the reports have ended. It first waits until those of the
// predecessor have.
func (r *Reports) Report(ctx context.Context, f func(context.Context) error) error {
	if r.after != nil {
		select {
		case <-r.after:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if !r.uses.Enter() {
		return nil
	}
	defer r.uses.Leave()
	return f(ctx)
}
