package main

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

func TestMyIOContract(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, Type(), channeltest.Case{Body: `{"from":"ann","text":"hi"}`})
}

func TestTextlineContract(t *testing.T) {
	t.Parallel()
	type message struct{ To, Text string }
	read := func(r *http.Request) (m message) {
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		return m
	}
	channeltest.Contract(t, TextlineType(), channeltest.Case{Body: `{"from":"ann","message":"hi"}`}, channeltest.Platform{
		Block:     "{api_key: k, api_base_url: http://api.textline.example}",
		Recipient: func(r *http.Request) string { return read(r).To },
		Take:      func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":"m1"}`) },
		Screen: &channeltest.Screen{
			Read:     func(r *http.Request) channeltest.Shown { return channeltest.Shown{Text: read(r).Text} },
			Max:      1000, // in characters; no buttons, and no uploads
			Markdown: "bold and italic, code and link (https://x.example/a?b=1&c=2)\n\n- 1 < 2 & 3 > 2\n- <!channel> @here _x",
			Edits:    channels.Rate{Count: 2, Per: time.Second},
		},
	})
}
