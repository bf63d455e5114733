package main

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/manyvox/manyvox/channels/channeltest"
)

func TestMyIOContract(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, Type(), channeltest.Case{Body: `{"from":"ann","text":"hi"}`})
}

func TestTextlineContract(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, TextlineType(), channeltest.Case{Body: `{"from":"ann","message":"hi"}`}, channeltest.Platform{
		Block: "{api_key: k, api_base_url: http://api.textline.example}",
		Recipient: func(r *http.Request) string {
			var body struct{ To string }
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			return body.To
		},
		Take: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":"m1"}`) },
	})
}
