package exec

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Agent hands each turn to a program.
type Agent struct {
	command command
	kept    *pool // nil where each turn has a program of its own
	places  chan struct{}
	log     *slog.Logger
}

// Answer waits for a place, runs the program and gives what it says to r. The program is
// killed, with its children, when ctx ends first.
func (a *Agent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	input, err := agents.Payload(t)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return agents.NotReached(contextError(ctx))
	}
	select {
	case a.places <- struct{}{}:
		defer func() { <-a.places }()
	case <-ctx.Done():
		return agents.NotReached(contextError(ctx))
	}
	dec := &agents.Decoder{Name: "exec", Peer: "the program", Replier: r, Recipient: t.Message.Sender}
	input = append(input, '\n')
	if a.kept != nil {
		return a.ask(ctx, input, dec)
	}
	return a.run(ctx, input, dec)
}

// run starts a program for one turn, which is over when the program has ended.
func (a *Agent) run(ctx context.Context, input []byte, dec *agents.Decoder) error {
	p, err := a.command.start(a.log)
	if err != nil {
		return notStarted(err)
	}
	defer func() { _ = p.end() }()
	defer context.AfterFunc(ctx, p.kill)()
	p.write(input)
	err = a.decode(ctx, p.lines, dec, false)
	if err != nil {
		p.kill() // what it would still say is not heard
	}
	ended := p.wait()
	switch {
	case ctx.Err() != nil:
		return contextError(ctx)
	case err != nil:
		return err
	case ended != nil:
		return exited(ended, dec)
	}
	return dec.End(ctx)
}

// ask gives a turn to a program that is kept. A program that has not ended the turn well is
// killed, since nobody knows what it would say next.
func (a *Agent) ask(ctx context.Context, input []byte, dec *agents.Decoder) error {
	p, err := a.take(input)
	if err != nil {
		return notStarted(err)
	}
	stop := context.AfterFunc(ctx, p.kill)
	err = a.decode(ctx, p.lines, dec, true)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = exited(p.wait(), dec)
	}
	switch {
	case !stop(), ctx.Err() != nil:
		_ = p.end() // killed by us
		return contextError(ctx)
	case err != nil:
		_ = p.end()
		return err
	}
	err = dec.End(ctx)
	a.kept.put(p) // last, since it may wait
	return err
}

// take returns a program that has been given the turn. One that has ended meanwhile takes
// nothing, so the turn goes to a new one.
func (a *Agent) take(input []byte) (*program, error) {
	for p := a.kept.take(); p != nil; p = a.kept.take() {
		p.lines.Reset()
		if p.ready() {
			p.write(input)
			return p, nil
		}
		_ = p.end()
	}
	p, err := a.command.start(a.log)
	if err != nil {
		return nil, err
	}
	p.kept = true
	p.write(input)
	return p, nil
}

// decode reads lines to the end, or of a program that is kept to an empty one.
func (a *Agent) decode(ctx context.Context, lines *agents.LineReader, dec *agents.Decoder, keep bool) error {
	for {
		line, err := lines.Next()
		switch {
		case err == io.EOF && keep: //nolint:errorlint // the end of the program's output
			return io.ErrUnexpectedEOF
		case err == io.EOF: //nolint:errorlint // as above
			return nil
		case errors.Is(err, channels.ErrAnswerTooLarge):
			return err
		case err != nil:
			return dec.Unreadable("%w", err)
		case len(line) == 0 && keep:
			return nil
		case len(line) == 0:
			continue
		}
		if err := dec.Object(ctx, "line", lines.Line(), line); err != nil {
			return err
		}
	}
}

// Close ends the programs that are kept.
func (a *Agent) Close(ctx context.Context) error {
	if a.kept == nil {
		return nil
	}
	return a.kept.close(ctx)
}

var (
	_ agents.Agent  = (*Agent)(nil)
	_ agents.Closer = (*Agent)(nil)
)
