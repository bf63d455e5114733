package channels_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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

// FuzzCredentials gives every reference of a file a secret value, and in a second
// file puts the secret itself behind what may begin a value.
func FuzzCredentials(f *testing.F) {
	for _, yaml := range []string{
		"", credentials, "rest:\n  token: ${TOKEN}\n", "token: \"a ${file:/key} b\"\ncount: ${N}\n", "a: &a [*a]\n",
		"inner: &i\n  url: ${U:-x}\npointer:\n  <<: *i\n", "--- |\n a\n---\n", "numbers: {a: 1, ? b, c: d}\n", "%YAML 1.2\n---\n- a\n",
	} {
		f.Add(yaml, "!x ")
		f.Add(yaml, "\"")
	}
	secret := func(string) (string, bool) { return canary, true }
	expander := &channels.Expander{LookupEnv: secret, ReadFile: func(string) ([]byte, error) { return []byte(canary), nil }}
	f.Fuzz(func(t *testing.T, yaml, before string) {
		if strings.Contains(yaml+before, canary) || strings.ContainsAny(before, "\r\n") {
			t.Skip("the secret may be a key")
		}
		for _, file := range []string{yaml, "token: " + before + canary} {
			b, err := channels.ParseBlock("c.yml", []byte(file), expander)
			if err == nil {
				err = b.Decode(&settings{})
			}
			if strings.Contains(text(err), canary) {
				t.Fatalf("%q: error %v", file, err)
			}
		}
	})
}
