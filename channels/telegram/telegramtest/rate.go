package telegramtest

import (
	"math"
	"time"
)

const (
	perMinuteInGroup = 20
	perSecond        = 30
)

// written is a call that wrote to a chat.
type written struct {
	chat int64
	at   time.Time
}

// tooMuch notes a call that writes to a chat, and returns after how many seconds it may be made
// when it is one too many. The lock is held.
func (s *Server) tooMuch(chat int64) (seconds int) {
	now := time.Now()
	for len(s.written) > 0 && now.Sub(s.written[0].at) >= time.Minute {
		s.written = s.written[1:]
	}
	if !s.options.Rates {
		return 0
	}
	wait := time.Duration(0)
	inGroup, inAll := 0, 0
	for i := len(s.written) - 1; i >= 0; i-- {
		w := s.written[i]
		if age := now.Sub(w.at); age < time.Second {
			if inAll++; inAll == perSecond {
				wait = max(wait, time.Second-age)
			}
		}
		if w.chat == chat && chat < 0 {
			if inGroup++; inGroup == perMinuteInGroup {
				wait = max(wait, time.Minute-now.Sub(w.at))
			}
		}
	}
	if wait == 0 {
		s.written = append(s.written, written{chat, now})
	}
	return int(math.Ceil(wait.Seconds()))
}
