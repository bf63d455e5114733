package telegram_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

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
		Recipient: func(r *http.Request) string {
			var body struct {
				Chat json.Number `json:"chat_id"`
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			return body.Chat.String()
		},
		Refuse: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`)
		},
		Take: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/sendMessageDraft") || strings.HasSuffix(r.URL.Path, "/sendChatAction") {
				fmt.Fprint(w, `{"ok":true,"result":true}`)
				return
			}
			fmt.Fprint(w, `{"ok":true,"result":{"message_id":5,"date":1790000000}}`)
		},
	}
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
