package service

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// lastCallTime is how long the end of the program waits for calls that should have ended.
const lastCallTime = time.Second

// closings closes channels and agents that are not in use any more, each after its last
// call.
type closings struct {
	log *slog.Logger
	// over ends the wait for last calls.
	over context.Context
	end  context.CancelFunc
	wg   sync.WaitGroup
}

func newClosings(log *slog.Logger) *closings {
	c := &closings{log: log}
	c.over, c.end = context.WithCancel(context.Background())
	return c
}

// add closes something, if it is a Closer, when its uses have ended.
func (c *closings) add(name string, what any, uses *instance.Uses) {
	closer, ok := what.(channels.Closer)
	if !ok {
		return
	}
	c.wg.Go(func() {
		select {
		case <-uses.Ended():
		case <-c.over.Done():
			select {
			case <-uses.Ended():
			default:
				c.log.Error("not closed: a call has not returned", "what", name)
				return
			}
		}
		instance.Close(context.Background(), c.log, name, closer)
	})
}

// wait returns once everything is closed whose last call has returned. Nothing is added any
// more.
func (c *closings) wait() {
	timer := time.AfterFunc(lastCallTime, c.end)
	defer timer.Stop()
	c.wg.Wait()
	c.end()
}
