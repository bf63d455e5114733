package channels

import (
	"context"
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
	// next one is opened while this one is still read, until its end or for half a minute. Its
	// error ends the socket.
	Take func(ctx context.Context, s *Socket, message []byte, leave func()) error
}

// leaving bounds how long a socket is read that is being left.
const leaving = 30 * time.Second

// Run reads until ctx ends, and returns nil then, or an error of Open or Take that does not pass.
func (l SocketLoop) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return l.Loop.Run(ctx, func(ctx context.Context) error {
		s, err := l.Open(ctx)
		if err != nil {
			return err
		}
		left := make(chan error, 2) // for leave, and for the end
		running.Go(func() { left <- l.read(ctx, s, left) })
		return <-left
	})
}

// read reads a socket until its end.
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
