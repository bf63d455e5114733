package turn_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/manyvox/manyvox/channels"
)

// liveParts notes what turns say of the texts that grow.
type liveParts struct {
	// full says that there is no room. Closed and next are what Finish returns.
	full         bool
	closed, next int

	mu    sync.Mutex
	said  []string
	names map[string]string // of the ids: "1", "2"
	open  int               // texts that began and were not completed
}

func (l *liveParts) say(first, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.names == nil {
		l.names = map[string]string{}
	}
	if l.names[first] == "" {
		l.names[first] = fmt.Sprint(len(l.names) + 1)
	}
	l.said = append(l.said, l.names[first]+" "+fmt.Sprintf(format, args...))
}

func (l *liveParts) Begin(p channels.Part) bool {
	if l.full {
		return false
	}
	l.say(p.ID, "begins %s", p.Reply.Text)
	l.open++
	return true
}

func (l *liveParts) Grow(first, piece string) { l.say(first, "grows %s", piece) }

func (l *liveParts) Finish(first string) (present string, closed, next int) {
	l.say(first, "finishes")
	if l.next == 0 {
		return first, 0, 0
	}
	return first, l.closed, l.next
}

func (l *liveParts) Complete(first string, p *channels.Part) {
	if p != nil {
		l.say(first, "is %s", p.Reply.Text)
		l.open--
	} else {
		l.say(first, "is over")
	}
}

func (l *liveParts) Typing(context.Context, channels.Message, string) (stop func()) {
	return func() {}
}
