package instance

import (
	"sync"
	"sync/atomic"
)

// Uses counts who uses something that is in use until it is retired: a channel, an agent. It
// tells when the last one has left. Its methods may be called concurrently.
type Uses struct {
	// state is how many use it, and retired once Retire was called.
	state atomic.Int64
	once  sync.Once
	ended chan struct{}
}

// retired is above every number of users.
const retired = 1 << 40

// NewUses returns a Uses that nobody has entered.
func NewUses() *Uses { return &Uses{ended: make(chan struct{})} }

// Enter counts a user in, unless Retire was called: then the caller looks for what has come
// in its place. Leave must follow when it returns true.
func (u *Uses) Enter() bool { return u.enter(func(state int64) bool { return state >= retired }) }

// EnterLate is Enter for a user of one that is in use, as the message of a socket is: it
// works after Retire too, until the last user has left.
func (u *Uses) EnterLate() bool { return u.enter(func(state int64) bool { return state == retired }) }

// enter counts a user in, unless the state is one of those that are refused.
func (u *Uses) enter(refused func(state int64) bool) bool {
	for {
		state := u.state.Load()
		if refused(state) {
			return false
		}
		if u.state.CompareAndSwap(state, state+1) {
			return true
		}
	}
}

// Leave counts a user out.
func (u *Uses) Leave() {
	if u.state.Add(-1) == retired {
		u.end()
	}
}

// Retire lets no new user in. It is called once.
func (u *Uses) Retire() {
	if u.state.Add(retired) == retired {
		u.end()
	}
}

// Ended returns a channel that is closed once Retire was called and the last user has left.
func (u *Uses) Ended() <-chan struct{} { return u.ended }

func (u *Uses) end() { u.once.Do(func() { close(u.ended) }) }
