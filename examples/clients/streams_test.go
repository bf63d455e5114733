package clients_test

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// The cases of streams that stay open, and of what was said.

// keepalive lets a turn go on once the client has pinged.
func (r *run) keepalive() error {
	go func() {
		select {
		case <-r.pinged.sent:
		case <-time.After(hang / 4):
		}
		close(r.release)
	}()
	got, err := r.do(command{Do: "stream", Text: "hold", MessageID: "m-1", KeepaliveMS: 10_000})
	if err := want(got, err, event{Kind: "started", Text: "m-1"}, event{Kind: "delta", Text: "wait"}, reply("wait no more")); err != nil {
		return err
	}
	select {
	case <-r.pinged.sent:
		return nil
	default:
		return errors.New("no ping was seen")
	}
}

func (r *run) many() error {
	const streams = 200
	got, err := r.do(command{Do: "many", Text: fmt.Sprint("barrier ", streams), Count: streams})
	switch {
	case err != nil:
		return err
	case got.Count != streams:
		return fmt.Errorf("%d streams ended well, error %+v", got.Count, got.Error)
	case r.conns.Load() != 1:
		return fmt.Errorf("%d connections were opened", r.conns.Load())
	}
	return nil
}

func (r *run) terminate() error {
	c := startChild(r.t)
	began := newProxy(r.t, c.address)
	terminated, over := make(chan error, 1), make(chan struct{})
	go func() {
		select {
		case <-began.answered.sent:
			terminated <- c.terminate(r.ctx)
		case <-over:
			terminated <- errors.New("the client has not called")
		}
	}()
	got, err := r.do(command{Do: "stream", At: began.address(), Text: "hold", MessageID: "m-1"})
	close(over)
	return errors.Join(want(got, err, event{Kind: "started", Text: "m-1"}, event{Kind: "delta", Text: "wait"}, reply("wait no more")), <-terminated)
}

func (r *run) token() error {
	got, err := r.do(command{Do: "receive", Text: "hello", Token: "let-me-in"})
	return wantError(got, err, failure{Code: "unauthenticated", Reason: "UNAUTHENTICATED"})
}

// events returns the first n events that the program tells of the sender, once they are there:
// they are written behind the answer.
func (r *run) events(n int) (list []event, err error) {
	stream, err := r.conversations().WatchEvents(r.ctx, &manyvoxv1.WatchEventsRequest{Channel: "rest", Sender: sender, After: "oldest"})
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	for len(list) < n && stream.Receive() {
		if e := stream.Msg().GetEvent(); e != nil {
			list = append(list, event{Kind: "event", Text: e.GetCursor()})
		}
	}
	return list, stream.Err()
}

// converse has the sender say something so many times, each with two events.
func (r *run) converse(times int) error {
	for i := range times {
		if err := r.say(r.ctx, sender, fmt.Sprint("message ", i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) list() error {
	const times, size = 5, 3
	if err := r.converse(times); err != nil {
		return err
	}
	all, err := r.events(2 * times)
	if err != nil {
		return err
	}
	got, err := r.do(command{Do: "list", PageSize: size})
	if err := want(got, err, all...); err != nil {
		return err
	}
	if pages := (len(all) + size - 1) / size; got.Count != pages {
		return fmt.Errorf("%d pages, want %d", got.Count, pages)
	}
	return nil
}

func (r *run) watch() error {
	if err := r.converse(2); err != nil {
		return err
	}
	first, err := r.do(command{Do: "watch", After: "oldest", Take: 3})
	if err != nil || first.Error != nil {
		return fmt.Errorf("failed with %+v, %w", first.Error, err)
	}
	if err := r.converse(2); err != nil {
		return err
	}
	all, err := r.events(8)
	if err != nil {
		return err
	}
	rest, err := r.do(command{Do: "watch", After: first.Cursor, Take: len(all) - 3})
	rest.Events = append(first.Events, rest.Events...)
	return want(rest, err, all...)
}

func (r *run) subscribe() error {
	if err := r.push(r.ctx, sender, "push 0"); err != nil {
		return err
	}
	cut, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(cut)
		select {
		case <-r.answered.sent:
			r.cut()
		case <-over:
		}
	}()
	first, err := r.do(command{Do: "subscribe", After: "oldest", Take: 100})
	close(over)
	<-cut
	switch {
	case err != nil:
		return err
	case first.Error == nil:
		return errors.New("the cut is not noticed")
	}
	said := []event{{Kind: "said", Text: "push 0"}}
	for i := range 3 {
		text := fmt.Sprint("push ", i+1)
		if err := r.push(r.ctx, sender, text); err != nil {
			return err
		}
		said = append(said, event{Kind: "said", Text: text})
	}
	rest, err := r.do(command{Do: "subscribe", After: cmp.Or(first.Cursor, "oldest"), Take: len(said) - len(first.Events)})
	rest.Events = append(first.Events, rest.Events...)
	return want(rest, err, said...)
}
