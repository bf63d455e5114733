package channels

import "time"

// Pace spreads what is done again and again for each of many keys, such as the edits in a chat: so
// much time passes at least between two of one key. It remembers the 10,000 keys at least that were
// taken last. It may be called concurrently, for one key by one caller at a time.
type Pace struct {
	every time.Duration
	last  *Recent[string, time.Time]
}

// maxPaced is how many keys a Pace remembers.
const maxPaced = 10_000

// NewPace returns a Pace with so much time between two of one key.
func NewPace(every time.Duration) *Pace {
	return &Pace{every: every, last: NewRecent[string, time.Time](maxPaced)}
}

// Take reports whether it is time for the key again, and if so counts from now.
func (p *Pace) Take(key string) bool {
	now := time.Now()
	if last, known := p.last.Get(key); known && now.Sub(last) < p.every {
		return false
	}
	p.last.Put(key, now)
	return true
}
