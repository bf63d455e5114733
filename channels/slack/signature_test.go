package slack_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels/channeltest"
)

// at lets the clock of a bubble show a time.
func at(seconds int64) { time.Sleep(time.Until(time.Unix(seconds, 0))) }

// TestSignatureVectors has the signatures that two other implementations have made, and that of
// Rasa's own test.
func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ name, secret, stamp, body, signature string }{
		{"challenge", secret, "1700000000", `{"type":"url_verification","challenge":"c1"}`, "5ce874b7d01bea615ea8892a63fe5dfd621a007f728f2893cdad2b4b5daa67f7"},
		{"command", secret, "1700000000", `command=%2Fask&text=h%C3%A9llo&team_id=T0AAA1`, "5c66026b577d711f63259b821488846a9968db017e3fba671a6022755eb3fbfd"},
		{"empty", secret, "1700000000", "", "0db38b3bf3e0b52ebd71a5e295f12065e2bc48157238b6a43d676004caa98da3"},
		{"Rasa", "foobar", "1604586653", `{"foo": "bar"}`, "80a3bd62ce5af04d8d80781134f165df185b90342d467abf5c74a27d2d0dd1f5"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sent := int64(1700000000)
				if x.stamp != "1700000000" {
					sent = 1604586653
				}
				at(sent)
				h := channeltest.Open(t, typ(), strings.Replace(webhook, secret, x.secret, 1)).Inbound(&channeltest.Inbox{})
				header := map[string]string{"X-Slack-Request-Timestamp": x.stamp, "X-Slack-Signature": "v0=" + x.signature}
				refused := func(body string) bool { return postWith(h, body, header).Code == http.StatusUnauthorized }
				if refused(x.body) || !refused(x.body+" ") {
					t.Error("the signature is not that of the body alone")
				}
				at(sent + 300)
				if refused(x.body) {
					t.Error("300 s later")
				}
				at(sent + 301)
				if !refused(x.body) {
					t.Error("301 s later")
				}
			})
		})
	}
}

// TestSignatureFuture refuses a time that is far ahead too.
func TestSignatureFuture(t *testing.T) {
	t.Parallel()
	h := channeltest.Open(t, typ(), webhook).Inbound(&channeltest.Inbox{})
	for ahead, want := range map[time.Duration]int{4 * time.Minute: 200, 6 * time.Minute: 401, -4 * time.Minute: 200, -6 * time.Minute: 401} {
		if w := postWith(h, "{}", signed(time.Now().Add(ahead), "{}")); w.Code != want {
			t.Errorf("%v: status %d", ahead, w.Code)
		}
	}
}

// TestSignatureOfAll refuses whatever is not signed, also where there is no secret.
func TestSignatureOfAll(t *testing.T) {
	t.Parallel()
	socket := "slack_token: " + token + "\napp_token: xapp-1"
	good := signed(time.Now(), "{}")
	with := func(name, value string) map[string]string {
		h := map[string]string{name: value}
		for n, v := range good {
			if n != name {
				h[n] = v
			}
		}
		return h
	}
	for name, x := range map[string]struct {
		block  string
		header map[string]string
	}{
		"no headers":       {webhook, nil},
		"no signature":     {webhook, with("X-Slack-Signature", "")},
		"no time":          {webhook, with("X-Slack-Request-Timestamp", "")},
		"a word for time":  {webhook, with("X-Slack-Request-Timestamp", "foobar")},
		"another time":     {webhook, with("X-Slack-Request-Timestamp", "1")},
		"another version":  {webhook, with("X-Slack-Signature", strings.Replace(good["X-Slack-Signature"], "v0", "v1", 1))},
		"another secret":   {strings.Replace(webhook, secret, "other", 1), good},
		"upper case":       {webhook, with("X-Slack-Signature", strings.ToUpper(good["X-Slack-Signature"]))},
		"no secret at all": {socket, signedBy("", time.Now(), "{}")},
	} {
		w := postWith(channeltest.Open(t, typ(), x.block).Inbound(&channeltest.Inbox{}), "{}", x.header)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s: status %d: %s", name, w.Code, w.Body)
		}
	}
}
