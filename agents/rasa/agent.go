package rasa

import (
	"bytes"
	"context"
	"encoding/json"
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
	client      *http.Client
	base        string // the server's address
	collected   string // the webhook's address, with the token
	streamed    string // the same with ?stream=true
	headers     map[string]channels.Secret
	mode        Mode
	idle        time.Duration
	sender      agents.Template
	pushKey     channels.SigningKey
	secrets     *strings.Replacer
	large       agents.LargeAnswers
	log         *slog.Logger
	silentTurns atomic.Int64
}

// Answer asks Rasa and gives what it says to r. Its errors are of type
// *channels.Error, the caller's ctx.Err() when that was canceled, or r's own. What Rasa
// has surely not seen is marked by agents.NotReached.
func (a *Agent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if err := checkMetadata(t.Message.Metadata); err != nil {
		return err
	}
	body, err := a.encode(t.Message)
	if err != nil {
		return err
	}
	m := outgoing{body, t.Hops, t.Attempt}
	dec := &decoder{replier: r, recipient: t.Message.Sender, secrets: a.secrets}
	if err := a.askWithRetries(ctx, m, a.mode.streams(t.Live), dec); err != nil {
		return err
	}
	if dec.replies == 0 {
		a.countSilent(ctx, t.Message.Channel)
	}
	return nil
}

// Close closes the connections that no turn uses. Without it they close by
// themselves soon.
func (a *Agent) Close(context.Context) error {
	a.client.CloseIdleConnections()
	return nil
}

// PushKey returns the key of the block's secret.
func (a *Agent) PushKey() channels.SigningKey { return a.pushKey }

// SenderOf returns whose tracker Rasa keeps under a name.
func (a *Agent) SenderOf(channel, name string) (sender string, ok bool) {
	return a.sender.Sender(channel, name)
}

// checkMetadata refuses what Rasa takes for metadata and then stumbles over: its stream hangs, and
// so do the turns of the conversation for minutes. What counts as nothing there may be anything.
func checkMetadata(metadata json.RawMessage) error {
	if channels.Truthy(metadata) && !bytes.HasPrefix(bytes.TrimSpace(metadata), []byte{'{'}) {
		return channels.InvalidField("metadata", "agent rasa: expected a JSON object, since Rasa fails at anything else")
	}
	return nil
}

// encode returns the body of Rasa's REST channel, which is the JSON of a Message.
func (a *Agent) encode(m channels.Message) ([]byte, error) {
	m.Sender = a.sender.Fill(m.Conversation())
	body, err := channels.Marshal(m)
	if err != nil {
		return nil, &channels.Error{Code: channels.CodeInternal, Message: "agent rasa: the message has no JSON form", Err: err}
	}
	return body, nil
}

// askWithRetries repeats the exchange as long as Rasa was not reached, a few times.
func (a *Agent) askWithRetries(ctx context.Context, m outgoing, stream bool, dec *decoder) error {
	return agents.Retries{Ended: contextError}.Do(ctx, func() error { return a.exchange(ctx, m, stream, dec) })
}

// countSilent counts and logs a turn without a reply. It is no error, since an assistant
// may have nothing to say. But it is also all that Rasa shows of a turn that failed.
func (a *Agent) countSilent(ctx context.Context, channel string) {
	n := a.silentTurns.Add(1)
	a.log.DebugContext(ctx, "agent rasa: a turn without a reply; if there should be one, see Rasa's log",
		"channel", channel, "silent_turns", n)
}

var (
	_ agents.Agent  = (*Agent)(nil)
	_ agents.Closer = (*Agent)(nil)
	_ agents.Pusher = (*Agent)(nil)
)
