package agenttest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// refusesGarbage has the peer say what no protocol has for an answer.
func refusesGarbage(s scene) (errs error) {
	for name, text := range map[string]string{
		"a page": "<html><body>It works!</body></html>\n", "half an object": `{"text": "a`, "not UTF-8": "\xff\xfe\x00\n",
		"nulls": "null\nnull\n", "a number": "5\n",
	} {
		rec := &Recorder{}
		err := isReached(s.hello(rec, func(x Exchange) {
			x.Raw(text)
			x.End()
		}))
		if err == nil && rec.Calls > 0 {
			err = fmt.Errorf("the agent says %q, and %q", rec.Texts(), rec.Deltas)
		}
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errs
}

// largeTime is how much longer an agent may take where its peer sends a lot.
const largeTime = 20

// patient returns a scene for a peer that sends a lot.
func (s scene) patient() scene {
	s.patience *= largeTime
	return s
}

// takesLarge has the peer send the largest reply that there may be.
func takesLarge(s scene) error {
	text := strings.Repeat("x", channels.MaxReply)
	rec := &Recorder{}
	err := s.patient().hello(rec, func(x Exchange) {
		x.Reply(text)
		x.End()
	})
	switch {
	case err != nil:
		return err
	case len(rec.Replies) != 1 || rec.Replies[0].Text != text:
		return fmt.Errorf("the agent gives %d replies of other texts", len(rec.Replies))
	}
	return nil
}

// endsEndless has the peer send replies until the agent leaves, or twice as much as one turn may
// have.
func endsEndless(s scene) error {
	text := strings.Repeat("x", 1<<20)
	left := make(chan bool, 1)
	err := s.patient().hello(&Recorder{}, func(x Exchange) {
		for range 2 * channels.MaxAnswer / len(text) {
			if x.Context().Err() != nil {
				break
			}
			x.Reply(text)
		}
		x.End()
		left <- x.Context().Err() != nil
	})
	if err == nil || channels.AsError(err).Code != channels.CodeTooLarge {
		return fmt.Errorf("error %.200v where the code too_large is expected", err)
	}
	select {
	case <-left:
	case <-time.After(s.patience):
		return errors.New("the peer is not told that its answer is read no more")
	}
	return isReached(err)
}

// depth is deeper than what most parsers go without harm.
const depth = 100_000

// livesThroughDepth takes an error, or replies that have JSON where JSON belongs.
func livesThroughDepth(s scene) error {
	for _, text := range []string{
		strings.Repeat("[", depth) + strings.Repeat("]", depth), strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth),
		strings.Repeat("[", depth),
	} {
		rec := &Recorder{}
		err := s.patient().hello(rec, func(x Exchange) {
			x.Custom(text)
			x.End()
		})
		if errors.Is(err, errTimeout) || errors.Is(err, errPanic) {
			return err
		}
		for i := range rec.Replies {
			err = errors.Join(err, rec.Replies[i].Validate())
		}
		if len(rec.Replies) > 0 && err != nil {
			return fmt.Errorf("a reply with what is no JSON: %w", err)
		}
	}
	return nil
}
