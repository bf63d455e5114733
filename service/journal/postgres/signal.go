package postgres

// signal wakes the one goroutine that receives from it. Signals that are sent while it is
// busy are one: it looks at everything each time.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

// send wakes the goroutine. It never waits.
func (s signal) send() {
	select {
	case s <- struct{}{}:
	default:
	}
}
