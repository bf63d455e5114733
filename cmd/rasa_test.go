package cmd_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// metadata is value for value only when numbers, the order of keys and escapes stay.
const metadata = `{"z":9007199254740993,"a":{"price":1.10,"note":"<é>\u00e9\/"},"m":[null,true,1e3]}`

// rasaServer answers as Rasa's REST channel does, with the metadata of the request as
// custom JSON. It sends the body of each request to bodies.
func rasaServer(t *testing.T) (url string, bodies <-chan string) {
	t.Helper()
	got := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.URL.String() + " " + string(body)
		var m struct {
			Sender   string          `json:"sender"`
			Metadata json.RawMessage `json:"metadata"`
		}
		if err := json.Unmarshal(body, &m); err != nil {
			http.Error(w, "Failed when parsing body as json", http.StatusBadRequest)
			return
		}
		answer := `{"recipient_id": "` + m.Sender + `", "custom": ` + string(m.Metadata) + `}`
		if r.URL.Query().Get("stream") == "true" {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, answer+"\n")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "["+answer+"]")
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

// TestRasaGetsMetadataAsItWasSent sends a message on each route through to a Rasa
// server and back.
func TestRasaGetsMetadataAsItWasSent(t *testing.T) {
	t.Parallel()
	url, bodies := rasaServer(t)
	r := start(t, localFlags(t, "rest:\n", "agent: {type: rasa, url: "+url+", sender: \"{channel}:{sender}\"}\n")...)
	sent := func(id string) string {
		return `{"sender":"rest:ann","message":"hi","input_channel":"rest","metadata":` + metadata + `,"message_id":"` + id + `"}`
	}
	reply := `{"recipient_id":"ann","custom":` + metadata + `}`
	message := func(id string) string {
		return `{"sender": "ann", "message": " hi ", "message_id": "` + id + `", "metadata": ` + metadata + `}`
	}

	for _, c := range []struct{ id, query, path, want string }{
		{"m1", "", "/webhooks/rest/webhook ", "[" + reply + "]"},
		{"m2", "?stream=true", "/webhooks/rest/webhook?stream=true ", reply + "\n"},
	} {
		_, got := r.post(c.query, message(c.id))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("webhook%s (-want +got):\n%s", c.query, diff)
		}
		if diff := cmp.Diff(c.path+sent(c.id), <-bodies); diff != "" {
			t.Errorf("Rasa got (-want +got):\n%s", diff)
		}
	}

	client := manyvoxv1connect.NewChannelServiceClient(r.http, "http://"+r.addr)
	res, err := client.Receive(context.Background(), &manyvoxv1.ReceiveRequest{
		Sender: "ann", Message: "hi", MessageId: "m3", MetadataJson: metadata,
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(metadata, res.GetReplies()[0].GetCustomJson()); diff != "" {
		t.Errorf("Receive (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("/webhooks/rest/webhook "+sent("m3"), <-bodies); diff != "" {
		t.Errorf("Rasa got (-want +got):\n%s", diff)
	}
}

// TestRasaFails expects the caller to get errors that Rasa itself would have hidden.
func TestRasaFails(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	r := start(t, localFlags(t, "rest:\n", "agent: {type: rasa, url: "+s.URL+"}\n")...)
	res, body := r.post("", `{"message":"hi"}`)
	const want = `{"error":{"code":"agent_failed","message":"agent rasa: the server answered 404 Not Found"}}`
	if res.StatusCode != http.StatusBadGateway || body != want {
		t.Errorf("%d %s, want 502 %s", res.StatusCode, body, want)
	}
}
