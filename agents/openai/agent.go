package openai

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Agent has a model answer. What it knows of a conversation it reads from the turn's history.
type Agent struct {
	config  *Config
	client  *http.Client
	address string // of the completions, with what may be secret in its query
	secrets *strings.Replacer
	large   agents.LargeAnswers
	usage   usageTotal
	log     *slog.Logger
	// spendings are what senders have asked for today.
	spendings *spendings
	// transcriber is nil when sounds are not transcribed.
	transcriber *transcriber
}

// Answer asks the model and gives what it says to r. Its errors are of type *channels.Error,
// the caller's ctx.Err() when that was canceled, or r's own. What the model has surely not seen
// is marked by agents.NotReached.
func (a *Agent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if ctx.Err() != nil {
		return agents.NotReached(contextError(ctx))
	}
	if text, ok := a.ownReply(t); ok {
		return r.Reply(ctx, channels.Reply{Text: text, Format: channels.FormatMarkdown})
	}
	history, err := a.history(ctx, t)
	if err != nil {
		return agents.NotReached(err)
	}
	place := a.large.Place()
	defer place.Release()
	hold := func(size int) error {
		if !place.Hold(ctx, size) {
			return contextError(ctx)
		}
		return nil
	}
	message, err := a.userMessage(ctx, t, hold)
	switch {
	case ctx.Err() != nil:
		return agents.NotReached(contextError(ctx))
	case err != nil: // not marked: it says nothing of the model, which others may well reach
		return err
	}
	ans := &answer{
		replier: r, live: t.Live, hold: hold,
		secrets: a.secrets, log: a.log, tools: a.config.Tools,
	}
	return a.converse(ctx, t, history, message, ans)
}

// ownReply returns the answer to a message that the model is not asked about.
func (a *Agent) ownReply(t agents.Turn) (text string, ok bool) {
	if text, ok = a.config.reply(t); ok {
		return text, true
	}
	if a.spendings.isUsedUp(t.Message.Conversation()) {
		return a.config.Budget.Reply, true
	}
	return "", false
}

// converse asks the model, and once more with less of the history when that is too long. It
// counts what the model has seen.
func (a *Agent) converse(ctx context.Context, t agents.Turn, history exchanges, message chatMessage, ans *answer) error {
	messages := a.messages(t, history, message)
	err := a.ask(ctx, t, messages, ans)
	if errors.Is(err, errContextLength) && !ans.shown && len(history) > 0 {
		a.log.DebugContext(ctx, "agent openai: the history is too long for the model: asked again with the newer half")
		messages = a.messages(t, history.newerHalf(), message)
		err = a.ask(ctx, t, messages, ans.afresh())
	}
	if !agents.IsNotReached(err) {
		a.spendings.add(t.Message.Conversation(), cost(messages, ans))
	}
	return err
}

// Close closes the connections that no turn uses.
func (a *Agent) Close(context.Context) error {
	a.client.CloseIdleConnections()
	return nil
}

// history reads what the window holds of the conversation.
func (a *Agent) history(ctx context.Context, t agents.Turn) (exchanges, error) {
	w := a.config.History
	if w.Turns == 0 || w.Characters == 0 {
		return nil, nil
	}
	events, err := t.History(ctx, w.Turns*eventsPerTurn)
	switch {
	case ctx.Err() != nil:
		return nil, contextError(ctx)
	case err != nil:
		return nil, &channels.Error{
			Code: channels.CodeUnavailable, Message: "agent openai: the history of the conversation cannot be read", Err: err,
		}
	}
	return w.within(exchangesOf(a.config.sinceReset(events))), nil
}

// longestWait is the longest Retry-After that is waited for within the turn.
const longestWait = 10 * time.Second

// ask sends the request as long as the server was not reached, a few times.
func (a *Agent) ask(ctx context.Context, t agents.Turn, messages []chatMessage, ans *answer) error {
	body, err := a.body(t, messages)
	if err != nil {
		return agents.NotReached(err)
	}
	return agents.Retries{Longest: longestWait, Ended: contextError}.Do(ctx, func() error {
		req, err := a.newRequest(ctx, t, body)
		if err != nil {
			return &channels.Error{Code: channels.CodeInternal, Message: "agent openai: the request cannot be made", Err: agents.DialError(err, a.secrets)}
		}
		defer func() { a.countUsage(ctx, t, ans.usage) }()
		return a.exchange(ctx, req, ans)
	})
}

var (
	_ agents.Agent  = (*Agent)(nil)
	_ agents.Closer = (*Agent)(nil)
)
