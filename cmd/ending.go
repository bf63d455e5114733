package cmd

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// startTime is how long a command may take to end after a signal, run too until it
	// takes messages: it may be held by a file system that does not answer.
	startTime = 2 * time.Second
	// serveTime is the same of run once it takes messages: what is left over is held
	// by something that does not heed the end of its context.
	serveTime = grace + 10*time.Second
	// lastWords is how long the program waits for its last line to be read.
	lastWords = 100 * time.Millisecond
)

// Main runs the command line as this process and returns its exit code. SIGINT and SIGTERM shut
// it down gracefully, and end it in any case: what does not end in its time is left. A second
// one ends it at once, with the exit code that a shell gives: 128 and the signal's number.
func (p Program) Main(args []string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() { // until the process ends
		<-signals
		cancel()
		code := ExitFailure
		if s, ok := (<-signals).(syscall.Signal); ok {
			code = 128 + int(s)
		}
		os.Exit(code)
	}()
	return p.runToEnd(ctx, args)
}

// runToEnd runs the command line, and leaves it where it does not end in time once ctx has
// ended. The process ends right after.
func (p Program) runToEnd(ctx context.Context, args []string) int {
	var serves atomic.Bool
	listening := p.Listening
	p.Listening = func(a net.Addr) {
		serves.Store(true)
		if listening != nil {
			listening(a)
		}
	}
	code := make(chan int, 1)
	go func() { code <- p.Run(ctx, args) }()
	select {
	case c := <-code:
		return c
	case <-ctx.Done():
	}
	limit := startTime
	if serves.Load() {
		limit = serveTime
	}
	select {
	case c := <-code:
		return c
	case <-time.After(limit):
	}
	said := make(chan struct{})
	go func() { // nobody may be reading
		defer close(said)
		_ = p.fail(args, fmt.Errorf("not ended %s after the signal: something does not answer, and was left", limit))
	}()
	select {
	case <-said:
	case <-time.After(lastWords):
	}
	return ExitFailure
}
