package channels_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// Helpdesk is a channel. Its clients post {"from":"ann","text":"hi"} to
// /webhooks/helpdesk/webhook and wait for the replies.
type Helpdesk struct{}

// Inbound returns the handler of the webhook. The functions that are left out read the
// request as Rasa's REST channel does.
func (Helpdesk) Inbound(in channels.Inbox) http.Handler {
	return channels.Webhook{
		Sender: func(_ *http.Request, b channels.Body) (string, error) { return b.ID("from") },
		Message: func(_ *http.Request, b channels.Body) (string, error) {
			text, ok, err := b.Text("text")
			if err == nil && !ok {
				err = channels.Errorf(channels.CodeInvalid, `key "text" is missing`)
			}
			return text, err
		},
	}.Inbound(in)
}

// A channel can be made of a Webhook whose functions extract the message from a request. In the program the service gives it an Inbox; here it is the kit's.
func ExampleWebhook() {
	inbox := &channeltest.Inbox{Replies: []channels.Reply{{Text: "Hello Ann.\n\nWhat can I do?"}}}
	server := httptest.NewServer(Helpdesk{}.Inbound(inbox))
	defer server.Close()

	for _, body := range []string{`{"from":"ann","text":"hi"}`, `{"from":"ann"}`} {
		res, err := http.Post(server.URL+"/webhook", "application/json", strings.NewReader(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		answer, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		fmt.Println(res.StatusCode, string(answer))
	}
	for _, m := range inbox.Asked() {
		fmt.Printf("%s wrote %q\n", m.Sender, m.Text)
	}
	// Output:
	// 200 [{"recipient_id":"ann","text":"Hello Ann."},{"recipient_id":"ann","text":"What can I do?"}]
	// 400 {"error":{"code":"invalid_argument","message":"key \"text\" is missing"}}
	// ann wrote "hi"
}

var _ channels.Channel = Helpdesk{}
