package slack_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/slack"
)

const (
	token   = "xoxb-1-2-ABCdef"
	secret  = "manyvox-test-secret"
	webhook = "slack_token: " + token + "\nslack_signing_secret: " + secret
)

func typ() channels.Type { return slack.Type() }

// signed returns the headers of a body that Slack has signed at a time.
func signed(at time.Time, body string) map[string]string { return signedBy(secret, at, body) }

func signedBy(secret string, at time.Time, body string) map[string]string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":" + body))
	return map[string]string{"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + hex.EncodeToString(mac.Sum(nil))}
}

// post posts a body that is signed now.
func post(h http.Handler, body string) *httptest.ResponseRecorder {
	return postWith(h, body, signed(time.Now(), body))
}

func postWith(h http.Handler, body string, header map[string]string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/webhook", strings.NewReader(body))
	for name, value := range header {
		r.Header.Set(name, value)
	}
	h.ServeHTTP(w, r)
	return w
}

// posted posts a body to a channel with a block, and returns what reaches the inbox.
func posted(t testing.TB, block, body string) []channels.Message {
	t.Helper()
	in := &channeltest.Inbox{}
	if w := post(channeltest.Open(t, typ(), block).Inbound(in), body); w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return in.Posted()
}

// payloads returns the lines of testdata/payloads.jsonl: what Slack delivers, with invented
// values.
func payloads(t testing.TB) (lines []string) {
	t.Helper()
	file, err := os.Open("testdata/payloads.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for s := bufio.NewScanner(file); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}

// payload returns the only line of them with a text.
func payload(t testing.TB, with string) string {
	t.Helper()
	found := ""
	for _, line := range payloads(t) {
		if strings.Contains(line, with) {
			if found != "" {
				t.Fatalf("several payloads have %s", with)
			}
			found = line
		}
	}
	if found == "" {
		t.Fatalf("no payload has %s", with)
	}
	return found
}

// object is a JSON object.
type object = map[string]any

// decode reads a JSON object.
func decode(t testing.TB, text []byte) (o object) {
	t.Helper()
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return o
}

func readAll(t testing.TB, r *http.Request) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}
