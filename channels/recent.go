package channels

import "sync"

// Recent remembers what was put into it last, so that what a stranger can make grow has a
// bound: which message a thing on the platform belongs to, when something was done last. Its
// methods may be called concurrently.
type Recent[K comparable, V any] struct {
	most int

	mu         sync.Mutex
	young, old map[K]V
}

// NewRecent returns an empty Recent. It keeps at least so many of the keys that were put last,
// and twice as many at most.
func NewRecent[K comparable, V any](most int) *Recent[K, V] {
	return &Recent[K, V]{most: most, young: map[K]V{}}
}

// Put keeps a value, in place of the one that the key had.
func (r *Recent[K, V]) Put(key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.young[key]; !known && len(r.young) >= r.most {
		r.old, r.young = r.young, map[K]V{}
	}
	r.young[key] = value
}

// Get returns the value that was put last; known is false when there was none or it is forgotten.
func (r *Recent[K, V]) Get(key K) (value V, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if value, known = r.young[key]; known {
		return value, true
	}
	value, known = r.old[key]
	return value, known
}
