package rasa

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Agent forwards turns to a Rasa server. It keeps no state of a conversation.
type Agent struct {
	client    *http.Client
	collected string // the webhook's address, with the token
	streamed  string // the same with ?stream=true
	headers   map[string]channels.Secret
	mode      Mode
	idle      time.Duration
	sender    Template
	secrets   *strings.Replacer
	random    func() float64 // in [0,1), for the backoff
	log       *slog.Logger
	silent    atomic.Int64
}

// Answer asks Rasa and gives what it says to r. Its errors are of type
// *channels.Error, the caller's ctx.Err() when that was canceled, or r's own.
func (a *Agent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	body, err := a.encode(t.Message)
	if err != nil {
		return err
	}
	said := &teller{replier: r, recipient: t.Message.Sender, secrets: a.secrets}
	if err := a.persist(ctx, body, a.mode.streams(t.Live), said); err != nil {
		return err
	}
	if said.replies == 0 {
		a.silence(ctx, t.Message.Channel)
	}
	return nil
}

// Close closes the connections that no turn uses. Without it they close by
// themselves soon.
func (a *Agent) Close() error {
	a.client.CloseIdleConnections()
	return nil
}

// encode returns the body of Rasa's REST channel, which is the JSON of a Message.
func (a *Agent) encode(m channels.Message) ([]byte, error) {
	m.Sender = a.sender.fill(m.Conversation())
	body, err := channels.Marshal(m)
	if err != nil {
		return nil, &channels.Error{Code: channels.CodeInternal, Message: "agent rasa: the message has no JSON form", Err: err}
	}
	return body, nil
}

// persist tries until Rasa has taken the message or there is no sense in it. A wait
// that would not end before the turn does is not begun: the caller can use the time.
func (a *Agent) persist(ctx context.Context, body []byte, stream bool, said *teller) error {
	for attempt := 1; ; attempt++ {
		err := a.exchange(ctx, body, stream, said)
		var turned *turnedAway
		if !errors.As(err, &turned) {
			return err
		}
		wait := max(a.backoff(attempt), turned.after)
		if attempt == maxAttempts || !fits(ctx, wait) {
			return turned.err
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// silence counts a turn without a reply. It is no error, since an assistant may have
// nothing to say, but it is also all that Rasa shows of a turn that failed.
func (a *Agent) silence(ctx context.Context, channel string) {
	n := a.silent.Add(1)
	a.log.DebugContext(ctx, "agent rasa: a turn without a reply; if there should be one, see Rasa's log",
		"channel", channel, "silent_turns", n)
}

var (
	_ agents.Agent = (*Agent)(nil)
	_ io.Closer    = (*Agent)(nil)
)
