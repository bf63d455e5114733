package telegram_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/telegram"
)

func typ() channels.Type { return telegram.Type() }

// serve posts a body to the webhook of a channel.
func serve(t testing.TB, block string, in channels.Inbox, body string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	return post(channeltest.Open(t, typ(), block).Inbound(in), body, header)
}

func post(h http.Handler, body string, header map[string]string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/webhook", strings.NewReader(body))
	for name, value := range header {
		r.Header.Set(name, value)
	}
	h.ServeHTTP(w, r)
	return w
}
