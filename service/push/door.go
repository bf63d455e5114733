package push

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// sendTime bounds how long the journal is waited for.
const sendTime = 10 * time.Second

// Door takes what agents say outside a turn: POST /agents/<name>/messages.
type Door struct {
	Pushes        Pushes
	Conversations Conversations
	// Agent returns the agent of a name that is in use, nil where there is none.
	Agent func(name string) agents.Agent
	Log   *slog.Logger
}

// ServeHTTP answers 202 once the message is stored. The body was bounded, and the route's
// pattern has {name}.
func (d Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	pushed, err := d.take(r)
	if err != nil {
		d.logRefused(r, err)
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
		}
		channels.WriteError(w, err)
		return
	}
	body, _ := channels.Marshal(struct { // a struct of strings is JSON
		MessageID string `json:"message_id"`
	}{pushed.ID})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(body) // a caller that is gone needs no answer
}

// take verifies a request before it parses anything of it, and sends what it says.
func (d Door) take(r *http.Request) (*Pushed, error) {
	if r.Method != http.MethodPost {
		return nil, channels.Errorf(channels.CodeMethodNotAllowed, "method %s: this route takes messages by POST", r.Method)
	}
	agent, err := d.pusher(r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	body, err := channels.ReadRaw(r)
	if err != nil {
		return nil, err
	}
	if err := agent.PushKey().Verify("secret", r.Header, body); err != nil {
		return nil, err
	}
	said, err := parseRequest(body, r.Header.Get(channels.HeaderWebhookID))
	if err != nil {
		return nil, err
	}
	return d.send(r.Context(), agent, said)
}

// send finds the conversation that is meant and sends there what is said.
func (d Door) send(caller context.Context, agent agents.Pusher, said *request) (*Pushed, error) {
	ctx, cancel := context.WithTimeout(caller, sendTime)
	defer cancel()
	to, err := d.Conversations.Find(ctx, agent, said.channel, said.sender)
	if err != nil && !errors.As(err, new(*channels.Error)) {
		err = instance.JournalFailed(ctx, d.Log, err)
	}
	var pushed *Pushed
	if err == nil {
		pushed, err = d.Pushes.Push(ctx, &Message{Conversation: to, ID: said.id, Reply: said.reply})
	}
	if err != nil && ctx.Err() != nil && caller.Err() == nil {
		err = instance.JournalSilent(err)
	}
	return pushed, err
}

// pusher returns the agent of a name that has a secret.
func (d Door) pusher(name string) (agents.Pusher, error) {
	agent, ok := d.Agent(name).(agents.Pusher)
	if !ok || len(agent.PushKey()) == 0 {
		return nil, channels.Errorf(channels.CodeNotFound, "no agent of this name takes messages: it needs a secret: in endpoints.yml")
	}
	return agent, nil
}

// logRefused logs why a message is not sent: at WARN where the agent has signed it, since nobody
// else may see the answer.
func (d Door) logRefused(r *http.Request, err error) {
	level := slog.LevelWarn
	switch channels.AsError(err).Code { // what strangers get wrong is no news
	case channels.CodeUnauthenticated, channels.CodeNotFound, channels.CodeMethodNotAllowed, channels.CodeTooLarge:
		level = slog.LevelDebug
	}
	d.Log.Log(r.Context(), level, "message of an agent refused", "agent", r.PathValue("name"), "error", err)
}

var _ http.Handler = Door{}
