package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// secretHeader is where Telegram shows the secret_token of setWebhook.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token" //nolint:gosec // the name of a header

// Inbound serves POST /webhook, and Rasa's /set_webhook. Where updates are fetched by polling,
// nobody who knows the secret calls it.
func (c *Channel) Inbound(in channels.Inbox) http.Handler {
	c.aliases = channels.AliaserOf(in)
	return channels.EventWebhook{
		Verify: channels.HeaderSecret(secretHeader, "secret_token", c.secret), Take: c.takeDelivery,
		Routes: map[string]http.HandlerFunc{"/set_webhook": c.webhook.Handler("Webhook setup successful", "Invalid webhook")},
	}.Handler(in)
}

// takeDelivery reads an update, or a string that holds one, as Rasa does. Whatever an update tells,
// it is acknowledged: Telegram repeats one that is not, and holds back all that follow it in that
// chat. What is no JSON object is not Telegram's.
func (c *Channel) takeDelivery(ctx context.Context, body []byte) (channels.Told, error) {
	var inner string
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '"' && json.Unmarshal(trimmed, &inner) == nil {
		body = []byte(inner)
	}
	if _, err := channels.ParseBody(body); err != nil {
		return channels.Told{}, err
	}
	t := taken{Incoming: channels.Incoming{IDOf: idOf}}
	c.take(ctx, body, &t)
	return channels.Told{Incoming: t.Incoming, Answer: func(w http.ResponseWriter) { acknowledge(w, t.queries) }}, nil
}

// acknowledge answers "success", as Rasa does, or has Telegram answer the callback query: the
// body of a webhook's answer may be a call of its own.
// https://core.telegram.org/bots/api#making-requests-when-getting-updates
func acknowledge(w http.ResponseWriter, queries []string) {
	kind, answer := "text/plain; charset=utf-8", []byte("success")
	if len(queries) > 0 {
		kind = "application/json"
		answer, _ = channels.Marshal(params{"method": "answerCallbackQuery", "callback_query_id": queries[0]}) // of two texts
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(answer) // a caller that is gone needs no answer
}

// taken is what updates hold for us.
type taken struct {
	channels.Incoming
	// queries are the ids of callback queries, which must be answered.
	queries []string
}

// take reads an update, and returns its id. What is no turn is recorded and gives nothing.
func (c *Channel) take(ctx context.Context, body []byte, t *taken) (id int64) {
	var u update
	why := ""
	switch err := json.Unmarshal(body, &u); {
	case err != nil:
		why = "it is not as the Bot API describes it"
	case u.Query != nil:
		takeQuery(&u, t)
	case u.Stopped != nil:
		c.takeStop(u.Stopped, t)
	case u.Message != nil:
		why = c.takeMessage(&u, u.Message, t)
	case u.Edited != nil && c.config.EditedMessages:
		why = c.takeMessage(&u, u.Edited, t)
	default:
		why = "its kind is not answered"
	}
	if why != "" {
		c.record(ctx, channels.Ignored(channels.KindByKey(body, "update_id"), why))
	}
	return u.ID
}

// takeMessage reads what somebody wrote or sent, or returns why it is no turn. Other bots are not
// answered, or two bots would talk for ever. The sender of an anonymous admin is a bot too, and a
// chat stands behind it.
func (c *Channel) takeMessage(u *update, m *message, t *taken) string {
	t.moveOf(m)
	text, why := c.addressed(m)
	attachments := m.attachments()
	if text == "" && len(attachments) == 0 {
		text = m.other()
	}
	switch {
	case m.Chat.ID == 0:
		return "it has no chat"
	case m.Chat.Type == "channel":
		return "nobody is behind a channel's post"
	case m.From != nil && c.botID != 0 && m.From.ID == c.botID:
		return "the bot wrote it"
	case m.From != nil && m.From.IsBot && m.SenderChat == nil:
		return "a bot wrote it"
	case why != "":
		return why
	case text == "" && len(attachments) == 0:
		return "nothing was written or sent"
	case c.config.EditedMessages && !c.written.IsNew(fmt.Sprint(m.Chat.ID, m.ID), fmt.Sprint(u.ID), text, attachments):
		return "its writer has changed nothing"
	}
	t.add(u, m, text, attachments)
	return ""
}

// takeQuery reads a button that was pressed. One of a group is for us, whoever presses it.
func takeQuery(u *update, t *taken) {
	q := u.Query
	if q.ID != "" {
		t.queries = append(t.queries, q.ID)
	}
	m := q.Message
	if m == nil && q.From != nil { // a message that was sent inline: its chat is not known
		m = &message{metadata: metadata{Chat: chat{ID: q.From.ID, Type: "private"}}}
	}
	if m == nil || m.Chat.ID == 0 || q.Data == "" {
		return
	}
	m.From, m.ReplyTo = q.From, nil
	t.add(u, m, q.Data, nil)
}

// add adds the turns of an update. The id is the update's, which a redelivery keeps.
func (t *taken) add(u *update, m *message, text string, attachments []channels.Attachment) {
	if !m.IsTopic { // then it is the thread of a plain reply, which can't be sent back
		m.ThreadID = 0
	}
	if m.ReplyTo != nil {
		m.ReplyToID = m.ReplyTo.ID
	}
	turn := channels.Message{
		ID: strconv.FormatInt(u.ID, 10), Sender: senderOf(m.Chat.ID, m.ThreadID), Text: withoutPrefix(text),
		Metadata: metadataOf(u, m), Attachments: attachments,
	}
	t.Messages = append(t.Messages, turn)
	if strings.TrimSpace(text) == "/restart" { // Rasa begins anew with /start behind it
		turn.ID, turn.Text = turn.ID+"/start", "/start"
		t.Messages = append(t.Messages, turn)
	}
}

// withoutPrefix drops a leading "/bot", which Rasa drops wherever it stands.
func withoutPrefix(text string) string {
	if rest, ok := strings.CutPrefix(text, "/bot"); ok && (rest == "" || rest[0] == ' ') {
		return strings.TrimSpace(rest)
	}
	return text
}
