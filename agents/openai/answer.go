package openai

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// maxEvent is the longest event, or whole answer, in bytes: the largest reply, and half as much
// again for the escapes of JSON.
const maxEvent = channels.MaxReply + channels.MaxReply/2

// answer reads the model's answer and hands its text on.
type answer struct {
	replier channels.Replier
	// live says that the pieces of the text are shown as they come.
	live bool
	hold func(size int) error
	// ended is called when the model has ended and the answer goes on.
	ended   func()
	secrets *strings.Replacer
	log     *slog.Logger
	// tools says that the model may call functions.
	tools bool

	text     strings.Builder
	thoughts thoughts
	calls    calls
	// called is the length of the calls' arguments.
	called int
	// finish is why the model ended, "" while it has not.
	finish string
	usage  Usage
	// shown says that the replier was given something.
	shown bool
}

// afresh forgets what was read, of an answer of which nothing was shown.
func (a *answer) afresh() *answer {
	*a = answer{replier: a.replier, live: a.live, hold: a.hold, secrets: a.secrets, log: a.log, tools: a.tools}
	return a
}

// errNoEnd is the cause of an answer that ended before the model did.
var errNoEnd = errors.New("the answer ended without a finish_reason")

// read reads an answer to its end, as a stream of events or, where a server does not stream, as
// one JSON object: its label tells too little.
func (a *answer) read(ctx context.Context, body io.Reader) error {
	r := bufio.NewReader(body)
	isObject, err := beginsObject(r)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if isObject {
		return a.readWhole(ctx, r)
	}
	events, found := newEventReader(r, maxEvent, a.hold), false
	for {
		data, err := events.next()
		switch {
		case a.finish != "" && err != nil: // the usage is all that can be missing
			return nil
		case err == io.EOF && !found: //nolint:errorlint // an EOF inside another error is a broken connection
			return badAnswer("it has no event")
		case err == io.EOF: //nolint:errorlint // the same
			return brokenAnswer(errNoEnd)
		case err != nil:
			return err
		case string(bytes.TrimSpace(data)) == "[DONE]":
			return nil
		}
		found = true
		if err := a.take(ctx, data); err != nil {
			return err
		}
	}
}

// maxBlank is how much white space may stand in front of an answer.
const maxBlank = 1 << 10

// beginsObject looks at the first byte that is no white space.
func beginsObject(r *bufio.Reader) (bool, error) {
	for n := 1; n <= maxBlank; n++ {
		peeked, err := r.Peek(n)
		if err != nil {
			return false, err
		}
		switch c := peeked[n-1]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c == '{', nil
		}
	}
	return false, nil
}

// readWhole reads an answer that is one JSON object.
func (a *answer) readWhole(ctx context.Context, r io.Reader) error {
	var data bytes.Buffer
	for {
		n, err := io.CopyN(&data, r, agents.SmallAnswer)
		switch {
		case data.Len() > maxEvent:
			return channels.ErrAnswerTooLarge
		case n > 0 && data.Len() >= agents.SmallAnswer:
			if err := a.hold(data.Len()); err != nil {
				return err
			}
		}
		if err == io.EOF { //nolint:errorlint // an EOF inside another error is a broken connection
			break
		}
		if err != nil {
			return err
		}
	}
	if err := a.take(ctx, data.Bytes()); err != nil {
		return err
	}
	if a.finish == "" && a.text.Len() == 0 && len(a.calls) == 0 {
		return badAnswer("it has no choices")
	}
	return nil
}

// take takes a piece of the answer.
func (a *answer) take(ctx context.Context, data []byte) error {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return badAnswer("an event is not a chunk of an answer")
	}
	if e := readAPIError(c.Error); e != nil {
		return e.inAnswer(a.secrets)
	}
	if c.Usage != nil { // comes last, and from some servers with each piece
		a.usage = *c.Usage
	}
	for _, choice := range c.Choices {
		if choice.Index != 0 {
			continue
		}
		for _, m := range []answerMessage{choice.Delta, choice.Message} {
			if err := a.takeMessage(ctx, m); err != nil {
				return err
			}
		}
		if choice.FinishReason != "" {
			a.finish = choice.FinishReason
			a.ended()
		}
	}
	return nil
}

// takeMessage takes a piece of the text and of what is called.
func (a *answer) takeMessage(ctx context.Context, m answerMessage) error {
	if err := a.show(ctx, a.thoughts.pass(string(m.Content)+m.Refusal)); err != nil || !a.tools {
		return err
	}
	for _, t := range m.ToolCalls {
		if err := a.calls.take(t); err != nil {
			return err
		}
		a.called += len(t.Function.Arguments)
	}
	return a.grown()
}

// grown bounds what is kept of an answer.
func (a *answer) grown() error {
	switch size := a.text.Len() + a.called; {
	case size > channels.MaxReply:
		return channels.ErrAnswerTooLarge
	case size > agents.SmallAnswer:
		return a.hold(size)
	}
	return nil
}

// show keeps a piece of the text that is shown, and hands it on where that is seen.
func (a *answer) show(ctx context.Context, piece string) error {
	if piece == "" {
		return nil
	}
	a.text.WriteString(piece)
	if err := a.grown(); err != nil || !a.live {
		return err
	}
	a.shown = true
	return channels.DeltaIn(ctx, a.replier, channels.FormatMarkdown, piece)
}

// complete gives the reply that the pieces have become. The errors of a model that did not end
// well come after what it said, but of a text that a filter stopped no more is shown.
func (a *answer) complete(ctx context.Context) error {
	if a.finish == finishContentFilter {
		return filteredAnswer()
	}
	if err := a.show(ctx, a.thoughts.rest()); err != nil {
		return err
	}
	replies, err := a.replies(ctx)
	for _, r := range replies {
		a.shown = true
		if err := a.replier.Reply(ctx, r); err != nil {
			return err
		}
	}
	if a.finish == finishLength {
		return cutAnswer()
	}
	return err
}

// replies returns what the answer shows. A call that cannot be understood is an error where
// there is nothing else; beside other things it is left out.
func (a *answer) replies(ctx context.Context) (list []channels.Reply, err error) {
	for _, c := range a.calls {
		r, e := c.reply()
		if e != nil {
			err = e
			continue
		}
		list = append(list, r)
	}
	list = withText(a.text.String(), list)
	if err != nil && len(list) > 0 {
		a.log.WarnContext(ctx, "agent openai: a part of an answer is left out", "error", err)
		err = nil
	}
	return list, err
}
