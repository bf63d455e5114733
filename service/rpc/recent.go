package rpc

// recent is a set of the last ids that were added to it.
type recent struct {
	order []string
	next  int
	ids   map[string]bool
}

// newRecent returns a set of up to n ids.
func newRecent(n int) *recent { return &recent{order: make([]string, n), ids: map[string]bool{}} }

// add adds an id, which may take the place of the oldest.
func (r *recent) add(id string) {
	if r.ids[id] {
		return
	}
	delete(r.ids, r.order[r.next])
	r.order[r.next], r.ids[id] = id, true
	r.next = (r.next + 1) % len(r.order)
}

// has reports whether an id is one of them.
func (r *recent) has(id string) bool { return id != "" && r.ids[id] }
