package channels_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

func FuzzWebhookBody(f *testing.F) {
	for _, body := range []string{
		"", "null", "[]", "{", hi, `{"sender":1.5e3,"message":""}`, `{"message":"\ud800","message_id":true}`,
		`{"message":"hi","metadata":{"z":9007199254740993,"a":[1.10,null,"\u00e9"],"a":-0}}`,
		`{"attachments":[{"type":"image","size":5}],"input_channel":"web"}`, "{\"message\":\"\xff\"}",
	} {
		f.Add([]byte(body), false)
		f.Add([]byte(body), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, stream bool) {
		target := "/webhook"
		if stream {
			target += "?stream=true"
		}
		in := &channeltest.Inbox{Replies: twice()}
		w := httptest.NewRecorder()
		channels.Webhook{}.Inbound(in).ServeHTTP(w, httptest.NewRequest(http.MethodPost, target, bytes.NewReader(body)))

		taken := len(in.Asked()) == 1
		if w.Code != http.StatusOK && w.Code/100 != 4 || taken != (w.Code == http.StatusOK) {
			t.Fatalf("status %d, taken %v: %s", w.Code, taken, w.Body)
		}
		checkAnswer(t, w.Body)
		if taken {
			checkMetadata(t, body, in.Asked()[0])
		}
	})
}

// checkAnswer wants JSON, one value or one on each line.
func checkAnswer(t *testing.T, body io.Reader) {
	values := json.NewDecoder(body)
	for {
		var v any
		switch err := values.Decode(&v); err {
		case nil:
		case io.EOF:
			return
		default:
			t.Fatalf("the answer is not JSON: %v", err)
		}
	}
}

// checkMetadata wants the metadata in the message, and in the message's JSON, to be
// that of the body.
func checkMetadata(t *testing.T, body []byte, m channels.Message) {
	sent := exact(t, body)["metadata"]
	again, err := channels.Marshal(m)
	if err != nil {
		t.Fatalf("the message has no JSON: %v", err)
	}
	if diff := cmp.Diff(sent, exact(t, again)["metadata"]); diff != "" {
		t.Fatalf("metadata (-sent +message):\n%s", diff)
	}
}

// exact decodes an object without rounding its numbers.
func exact(t *testing.T, data []byte) (v map[string]any) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
