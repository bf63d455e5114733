package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// secretHeader is where Telegram shows the secret_token of setWebhook.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token" //nolint:gosec // the name of a header

// retryAfter is how long Telegram shall wait when the inbox gives no time.
const retryAfter = time.Second

// Inbound serves POST /webhook, and Rasa's /set_webhook. Where updates are fetched by polling,
// nobody who knows the secret calls it.
func (c *Channel) Inbound(in channels.Inbox) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch strings.TrimSuffix(r.URL.Path, "/") {
		case "/webhook":
			c.serveWebhook(w, r, in)
		case "/set_webhook":
			c.serveSetup(w, r)
		default:
			channels.WriteError(w, channels.Errorf(channels.CodeNotFound, "no such route: updates are posted to /webhook"))
		}
	})
}

// serveWebhook takes one update. Whatever it is, it is acknowledged: Telegram repeats an
// update that is not, and holds back all that follow it in that chat.
func (c *Channel) serveWebhook(w http.ResponseWriter, r *http.Request, in channels.Inbox) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		channels.WriteError(w, channels.Errorf(channels.CodeMethodNotAllowed, "method %s: updates are sent by POST", r.Method))
		return
	}
	if !c.secret.Equal(r.Header.Get(secretHeader)) {
		channels.WriteError(w, channels.WrongSignature("secret_token", "the header "+secretHeader+" is missing or another: maybe something else has set the webhook"))
		return
	}
	body, err := readUpdate(r)
	if err != nil {
		channels.WriteError(w, err)
		return
	}
	var t taken
	c.take(r.Context(), body, &t)
	if err := t.post(r.Context(), in); err != nil {
		channels.WriteError(w, unavailable(err))
		return
	}
	acknowledge(w, t.queries)
}

// unavailable returns an error of Post as 503 with a RetryAfter, which Telegram waits for.
func unavailable(err error) error {
	e := *channels.AsError(err)
	if e.Code.HTTP() != http.StatusServiceUnavailable {
		e.Code = channels.CodeUnavailable
	}
	if e.RetryAfter == 0 {
		e.RetryAfter = retryAfter
	}
	return &e
}

// acknowledge answers "success", as Rasa does, or has Telegram answer the callback query: the
// body of a webhook's answer may be a call of its own.
// https://core.telegram.org/bots/api#making-requests-when-getting-updates
func acknowledge(w http.ResponseWriter, queries []string) {
	if len(queries) == 0 {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "success") // a caller that is gone needs no answer
		return
	}
	body, _ := channels.Marshal(params{"method": "answerCallbackQuery", "callback_query_id": queries[0]}) // of two texts
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

// readUpdate reads a JSON object, or a string that holds one, as Rasa does.
func readUpdate(r *http.Request) ([]byte, error) {
	data, err := channels.ReadRaw(r)
	if err != nil {
		return nil, err
	}
	var inner string
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] == '"' && json.Unmarshal(trimmed, &inner) == nil {
		data = []byte(inner)
	}
	_, err = channels.ParseBody(data)
	return data, err
}

// taken is what updates hold for us.
type taken struct {
	messages []channels.Message
	// queries are the ids of callback queries, which must be answered.
	queries []string
	stops   []stop
}

// post hands on what was taken. Its error passes: the update must come again.
func (t *taken) post(ctx context.Context, in channels.Inbox) error {
	if len(t.messages) > 0 {
		if err := in.Post(ctx, t.messages...); err != nil && !errors.Is(err, channels.ErrInvalid) {
			return err
		}
	}
	stopper, ok := in.(channels.Stopper)
	for _, s := range t.stops {
		if !ok {
			break
		}
		if err := stopper.Stop(ctx, s.sender, s.messageID); err != nil {
			return err
		}
	}
	return nil
}

// take reads an update. What is no turn is recorded and gives nothing.
func (c *Channel) take(ctx context.Context, body []byte, t *taken) {
	var u update
	switch err := json.Unmarshal(body, &u); {
	case err != nil:
		c.ignored(ctx, body, "it is not as the Bot API describes it")
	case u.Query != nil:
		c.takeQuery(&u, t)
	case u.Stopped != nil:
		c.takeStop(u.Stopped, t)
	case u.Message != nil:
		c.takeMessage(ctx, body, &u, u.Message, t)
	case u.Edited != nil && c.config.EditedMessages:
		c.takeMessage(ctx, body, &u, u.Edited, t)
	default:
		c.ignored(ctx, body, "its kind is not answered")
	}
}

// takeMessage reads what somebody wrote or sent.
func (c *Channel) takeMessage(ctx context.Context, body []byte, u *update, m *message, t *taken) {
	if why := c.refuses(m); why != "" {
		c.ignored(ctx, body, why)
		return
	}
	text, ok := c.isAddressed(m)
	attachments := m.attachments()
	if text == "" && len(attachments) == 0 {
		text = m.other()
	}
	switch {
	case !ok:
		c.ignored(ctx, body, "it is not addressed to the bot")
	case text == "" && len(attachments) == 0:
		c.ignored(ctx, body, "nothing was written or sent")
	default:
		t.messages = append(t.messages, turns(u, m, text, attachments)...)
	}
}

// refuses returns why a message is no turn, whatever it says; "" when it may be one. Other bots
// are not answered, or two bots would talk for ever. The sender of an anonymous admin is a bot
// too, and a chat stands behind it.
func (c *Channel) refuses(m *message) string {
	switch {
	case m.Chat.ID == 0:
		return "it has no chat"
	case m.Chat.Type == "channel":
		return "nobody is behind a channel's post"
	case m.From != nil && c.botID != 0 && m.From.ID == c.botID:
		return "the bot wrote it"
	case m.From != nil && m.From.IsBot && m.SenderChat == nil:
		return "a bot wrote it"
	case m.Chat.Type != "private" && c.config.Groups == groupsNone:
		return "groups are not answered"
	}
	return ""
}

// takeQuery reads a button that was pressed. One of a group is for us, whoever presses it.
func (c *Channel) takeQuery(u *update, t *taken) {
	q := u.Query
	if q.ID != "" {
		t.queries = append(t.queries, q.ID)
	}
	m := q.Message
	if m == nil && q.From != nil { // a message that was sent inline: its chat is not known
		m = &message{Chat: chat{ID: q.From.ID, Type: "private"}}
	}
	if m == nil || m.Chat.ID == 0 || q.Data == "" {
		return
	}
	pressed := *m
	pressed.From = q.From
	t.messages = append(t.messages, turns(u, &pressed, q.Data, nil)...)
}

// turns returns the messages of an update. Its id is the update's, which a redelivery keeps.
func turns(u *update, m *message, text string, attachments []channels.Attachment) []channels.Message {
	first := channels.Message{
		ID: strconv.FormatInt(u.ID, 10), Sender: senderOf(m), Text: withoutPrefix(text),
		Metadata: metadataOf(u, m), Attachments: attachments,
	}
	if strings.TrimSpace(text) != "/restart" {
		return []channels.Message{first}
	}
	start := first // Rasa begins anew with /start behind it
	start.ID, start.Text = first.ID+"/start", "/start"
	return []channels.Message{first, start}
}

// withoutPrefix drops a leading "/bot", which Rasa drops wherever it stands.
func withoutPrefix(text string) string {
	rest, ok := strings.CutPrefix(text, "/bot")
	if ok && (rest == "" || rest[0] == ' ') {
		return strings.TrimSpace(rest)
	}
	return text
}
