package telegram_test

import (
	"bufio"
	"net/http"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels/channeltest"
)

// FuzzUpdate posts updates that show the secret: each is taken, or refused as no object, and
// what is posted can be stored.
func FuzzUpdate(f *testing.F) {
	file, err := os.Open("testdata/updates.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		f.Add(lines.Text())
	}
	f.Add(group(`"text":"@vox_test_bot 👋","entities":[{"type":"mention","offset":0,"length":13},{"type":"bot_command","offset":5,"length":99}]`))
	c := channeltest.Open(f, typ(), webhook)
	f.Fuzz(func(t *testing.T, body string) {
		in := &channeltest.Inbox{}
		w := post(c.Inbound(in), body, shown(secret))
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		for _, m := range in.Posted() {
			if m.ID == "" || m.Sender == "" || !utf8.ValidString(m.Text) || m.Text == "" && m.Attachments == nil {
				t.Errorf("%+v", m)
			}
		}
	})
}

// FuzzSecret shows secrets: only the right one opens the webhook.
func FuzzSecret(f *testing.F) {
	f.Add(secret)
	f.Add("")
	f.Add(secret + "0")
	c := channeltest.Open(f, typ(), webhook)
	f.Fuzz(func(t *testing.T, candidate string) {
		in := &channeltest.Inbox{}
		w := post(c.Inbound(in), hello, shown(candidate))
		if opened := len(in.Posted()) == 1; opened != (candidate == secret) || opened != (w.Code == http.StatusOK) {
			t.Errorf("%q: status %d, %d messages", candidate, w.Code, len(in.Posted()))
		}
	})
}
