package slacktest

import (
	"math"
	"time"
)

// tiers are how many calls of a method a minute takes, by tier.
// https://docs.slack.dev/apis/web-api/rate-limits
func tiers() map[int]int { return map[int]int{1: 1, 2: 20, 3: 50, 4: 100} }

// Messages go out once a second in a channel, with short bursts over it.
const (
	postBurst  = 3
	postWindow = postBurst * time.Second
)

// tooMuch notes a call, and returns after how many seconds it may be made when it is one too
// many. Slack says only that a tier takes so many calls a minute or more: a Server takes exactly
// so many in any minute, and none over it. The lock is held.
func (s *Server) tooMuch(t *Team, name string, m method, a *args) (seconds int) {
	if !s.options.Rates {
		return 0
	}
	key, most, window := t.ID+" "+name, tiers()[m.tier], time.Minute
	if m.tier == perChannel {
		key, most, window = key+" "+a.text("channel"), postBurst, postWindow
	}
	if most == 0 { // a method without a tier
		return 0
	}
	now := time.Now()
	calls := s.record.windows[key]
	for len(calls) > 0 && now.Sub(calls[0]) >= window {
		calls = calls[1:]
	}
	if len(calls) < most {
		s.record.windows[key] = append(calls, now)
		return 0
	}
	s.record.windows[key] = calls // a refused call does not count
	return int(math.Ceil((window - now.Sub(calls[0])).Seconds()))
}
