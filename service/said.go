package service

import (
	"time"

	"github.com/manyvox/manyvox/channels"
)

// said counts what the agent says in one turn. The zero value counts nothing.
type said struct {
	counters *counters
	began    time.Time
	spoken   bool
}

// note counts replies of one kind each, or none: then a piece of one.
func (s *said) note(replies ...channels.Reply) {
	if s.counters == nil {
		return
	}
	if !s.spoken {
		s.spoken = true
		s.counters.answered.Observe(time.Since(s.began).Seconds())
	}
	for i := range replies {
		s.counters.replies[replies[i].Kind()].Inc()
	}
}
