package telegram_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/telegram"
)

const (
	token = "9001:AAGlRxinBRtKGb21_rlOEMtDFZMXBl6EC0o"
	// secret is what is derived from it: openssl dgst -sha256 -hmac TOKEN.
	secret  = "5274a6c8a00eee70220d09bd26eb1efd652affd5af63df31c0dbf01caf635092"
	polling = "access_token: " + token
	// webhook is the block of Rasa's documentation.
	webhook = polling + "\nverify: vox_test_bot\nwebhook_url: https://bot.example/webhooks/telegram/webhook"
	// local calls a Bot API by http.
	local = "\napi_base_url: http://api.example"
)

const hello = `{"update_id":700001,"message":{"message_id":11,"from":{"id":4201,"is_bot":false,"first_name":"Ina","language_code":"de"},` +
	`"chat":{"id":4201,"first_name":"Ina","type":"private"},"date":1790000000,"text":"Hello 👋"}}`

// own is what a bot has said.
const own = `{"update_id":1,"message":{"message_id":2,"from":{"id":9001,"is_bot":true},"chat":{"id":4201,"type":"private"},"text":"a"}}`

// shown is the header by which Telegram shows the secret.
func shown(secret string) map[string]string {
	return map[string]string{"X-Telegram-Bot-Api-Secret-Token": secret}
}

// platform answers as the Bot API does, for the chats 1001, who has blocked the bot, and 1002.
func platform(t *testing.T, block string) channeltest.Platform {
	return channeltest.Platform{
		Block: block + local, Refused: "1001", Taken: "1002", ShowsSecret: true,
		Ignored: map[string]string{
			"what the bot has said": own,
			"an unknown kind":       `{"update_id":700022,"some_future_update":{"x":1}}`,
		},
		Delivers: channeltest.Deliveries{ // one update each
			Own: own,
			Kinds: map[channels.Kind]string{
				channels.KindAttachment: strings.Replace(hello, `"text":"Hello 👋"`, `"photo":[{"file_id":"S","width":90}]`, 1),
				channels.KindButtons: `{"update_id":700009,"callback_query":{"id":"55501","from":{"id":4201,"is_bot":false,"first_name":"Ina"},"chat_instance":"-88",` +
					`"data":"/yes","message":{"message_id":18,"from":{"id":9001,"is_bot":true},"chat":{"id":4201,"type":"private"},"date":1790000011,"text":"Pick"}}}`,
			},
		},
		Recipient: func(r *http.Request) string { return readCall(t, r).Chat },
		Refuse:    fails(403, "Forbidden: bot was blocked by the user"),
		Take: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/sendMessageDraft") || strings.HasSuffix(r.URL.Path, "/sendChatAction") {
				fmt.Fprint(w, `{"ok":true,"result":true}`)
				return
			}
			fmt.Fprint(w, `{"ok":true,"result":{"message_id":5,"date":1790000000}}`)
		},
		Failures: failures(),
		Screen: &channeltest.Screen{
			Max: 4096, Unit: channels.UnitUTF16, MaxButtons: 100, MaxPayload: 64, Uploads: true,
			CodeBegins: "<pre>", CodeEnds: "</pre>", Edits: channels.Rate{Count: 1, Per: time.Second},
			Markdown: `<b>bold</b> and <i>italic</i>, <code>code</code> and <a href="https://x.example/a?b=1&amp;c=2">link</a>` +
				"\n\n• 1 &lt; 2 &amp; 3 &gt; 2\n• &lt;!channel&gt; @here _x",
			Read: func(r *http.Request) channeltest.Shown { return readCall(t, r).shown() },
		},
	}
}

// fails answers as the Bot API does to a call that it refuses.
func fails(code int, description string) http.HandlerFunc {
	more := ""
	if code == http.StatusTooManyRequests {
		more = `,"parameters":{"retry_after":7}`
	}
	return channeltest.Answer(code, fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q%s}`, code, description, more))
}

// failures are what Telegram says in each class. TestSendFails has the whole list.
func failures() []channeltest.Failure {
	failure := func(code int, description string, class channels.SendClass, own string) channeltest.Failure {
		f := channeltest.Failure{Name: description, Answer: fails(code, description), Err: channels.SendError{Class: class, Code: own}}
		if class == channels.SendThrottled {
			f.Err.RetryAfter = 7 * time.Second
		}
		return f
	}
	return []channeltest.Failure{
		failure(401, "Unauthorized", channels.SendUnauthorized, "401"),
		failure(403, "Forbidden: bot was blocked by the user", channels.SendGone, "bot_blocked"),
		failure(400, "Bad Request: chat not found", channels.SendGone, "chat_not_found"),
		failure(400, "Bad Request: message is too long", channels.SendRejected, "too_long"),
		failure(429, "Too Many Requests: retry after 7", channels.SendThrottled, "429"),
		failure(500, "Internal Server Error", channels.SendUnavailable, "500"),
		{Name: "a proxy's page", Answer: channeltest.Answer(502, "<html>"), Err: channels.SendError{Class: channels.SendUnavailable, Code: "502"}},
	}
}

// botCall is what a call of the Bot API has.
type botCall struct {
	Chat, Text string
	markup     struct {
		Inline [][]struct {
			Text, URL string
			Data      string `json:"callback_data"`
		} `json:"inline_keyboard"`
	}
	file []byte
}

// readCall reads a call, as JSON or as a form with a file.
func readCall(t *testing.T, r *http.Request) (c botCall) {
	var keyboard []byte
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
			return c
		}
		c.Chat, c.Text, keyboard = r.FormValue("chat_id"), r.FormValue("caption"), []byte(r.FormValue("reply_markup"))
		for _, headers := range r.MultipartForm.File {
			f, err := headers[0].Open()
			if err != nil {
				t.Error(err)
				return c
			}
			c.file, _ = io.ReadAll(f)
		}
	} else {
		var body struct {
			Chat     json.Number     `json:"chat_id"`
			Text     string          `json:"text"`
			Keyboard json.RawMessage `json:"reply_markup"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		c.Chat, c.Text, keyboard = body.Chat.String(), body.Text, body.Keyboard
	}
	if len(keyboard) > 0 {
		if err := json.Unmarshal(keyboard, &c.markup); err != nil {
			t.Error(err)
		}
	}
	return c
}

// shown is what a person sees of a call.
func (c botCall) shown() channeltest.Shown {
	s := channeltest.Shown{Text: c.Text, File: c.file}
	for _, row := range c.markup.Inline {
		for _, b := range row {
			s.Buttons = append(s.Buttons, channels.Button{Title: b.Text, Payload: b.Data})
		}
	}
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]string{
		"webhook": webhook, "polling": polling, "edits": polling + "\nstreaming: edit", "whole": polling + "\nstreaming: \"off\"",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			typ := telegram.Type()
			typ.Example = block
			channeltest.Contract(t, typ, channeltest.Case{Header: shown(secret), Body: hello}, platform(t, block))
		})
	}
}

// open opens a channel and returns it with its roles.
func open(t testing.TB, block string) channel {
	t.Helper()
	c, ok := channeltest.Open(t, telegram.Type(), block).(channel)
	if !ok {
		t.Fatal("roles are missing")
	}
	return c
}

type channel interface {
	channels.Channel
	channels.Sender
	channels.Fitter
	channels.Streamer
	channels.StreamCloser
	channels.Media
	channels.Runner
	channels.Prober
	channels.Typer
	channels.Addresser
	channels.Keyer
}
