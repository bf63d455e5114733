package slack_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels/channeltest"
)

// FuzzDelivery posts bodies that are signed: each is acknowledged, and what is posted can be
// stored.
func FuzzDelivery(f *testing.F) {
	for _, line := range payloads(f) {
		f.Add(line)
		f.Add(form(line))
	}
	f.Add(event(`"type":"message","text":"<@U0BOT1|x> <https://a|b> <!date^1^x|y> &lt;"`))
	f.Add("command=%2Fask&text=h%C3%A9llo&team_id=T0AAA1&user_id=U1&trigger_id=1")
	f.Add("ssl_check=1&token=x")
	c := channeltest.Open(f, typ(), webhook+"\nslack_channel: C0AAA1\nedited_messages: true\nconversation_granularity: thread")
	f.Fuzz(func(t *testing.T, body string) {
		in := &channeltest.Inbox{}
		if w := post(c.Inbound(in), body); w.Code != http.StatusOK {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		for _, m := range in.Posted() {
			if m.ID == "" || m.Sender == "" || !utf8.ValidString(m.Text) || m.Text == "" && m.Attachments == nil {
				t.Errorf("%+v", m)
			}
		}
	})
}

// FuzzSignature shows signatures: only the right one opens the webhook.
func FuzzSignature(f *testing.F) {
	const stamp = "1700000000"
	body := event(`"type":"message","text":"a"`)
	good := signed(time.Unix(1700000000, 0), body)["X-Slack-Signature"]
	f.Add(stamp, good)
	f.Add(stamp, good[3:])
	f.Add("1700000299", good)
	f.Add("", "v0=")
	f.Fuzz(func(t *testing.T, at, signature string) {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(time.Unix(1700000001, 0)))
			in := &channeltest.Inbox{}
			header := map[string]string{"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature}
			w := postWith(channeltest.Open(t, typ(), webhook).Inbound(in), body, header)
			if opened := len(in.Posted()) == 1; opened != (at == stamp && signature == good) || opened != (w.Code == http.StatusOK) {
				t.Errorf("%q, %q: status %d, %d messages", at, signature, w.Code, len(in.Posted()))
			}
		})
	})
}
