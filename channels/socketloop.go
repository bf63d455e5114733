package channels

import (
	"context"
	"errors"
	"sync"
	"time"
)

// SocketLoop reads what a platform says on WebSockets, for a Runner. A socket that has ended is
// followed by another.
type SocketLoop struct {
	Loop
	// Open opens a socket, and returns it once the platform speaks by it.
	Open func(ctx context.Context) (*Socket, error)
	// Take takes a message. It calls leave when the platform is going to end the socket: then the
	// next one is opened while this one is still read, until its end or for half a minute. A
	// platform that wants several left within that time is waited for, as after a failure. Its
	// error ends the socket.
	Take func(ctx context.Context, s *Socket, message []byte, leave func()) error
}

// leaving bounds how long a socket is read that is being left.
const leaving = 30 * time.Second

// errLeft is the failure of a platform that ends each socket as soon as it is open.
var errLeft = errors.New("the platform ends one WebSocket after another: maybe too many programs have one open")

// Run reads until ctx ends, and returns nil then, or an error of Open or Take that does not pass.
func (l SocketLoop) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var last time.Time // when a socket was left
	return l.Loop.Run(ctx, func(ctx context.Context) error {
		s, err := l.Open(ctx)
		if err != nil {
			return err
		}
		left := make(chan error, 2) // for leave, and for the end
		running.Go(func() { left <- l.read(ctx, s, left) })
		if err = <-left; err == nil {
			if time.Since(last) < leaving {
				err = errLeft
			}
			last = time.Now()
		}
		return err
	})
}

// read reads a socket until its end, and returns why it has ended. Into left goes nil when it is
// to be left.
func (l SocketLoop) read(ctx context.Context, s *Socket, left chan<- error) error {
	defer s.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	leave := sync.OnceFunc(func() {
		left <- nil
		time.AfterFunc(leaving, cancel)
	})
	for {
		message, err := s.Read(ctx)
		if err == nil {
			err = l.Take(ctx, s, message, leave)
		}
		if err != nil {
			return err
		}
	}
}
