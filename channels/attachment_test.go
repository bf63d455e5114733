package channels_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

// Content is read and never shown: neither in the JSON of a message nor of an attachment.
func TestContentIsNotShown(t *testing.T) {
	t.Parallel()
	var a channels.Attachment
	if err := json.Unmarshal([]byte(`{"type":"image","ref":"r","content":"c2VjcmV0"}`), &a); err != nil {
		t.Fatal(err)
	}
	if string(a.Content) != "secret" {
		t.Fatalf("content %q", a.Content)
	}
	for _, v := range []any{a, &a, channels.Message{Attachments: []channels.Attachment{a}}} {
		b, err := channels.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(b); strings.Contains(s, "ontent") || strings.Contains(s, "c2VjcmV0") || !strings.Contains(s, `"ref":"r"`) {
			t.Errorf("JSON: %s", s)
		}
	}
}

// What can be read as content is what base64 holds, in either alphabet.
func FuzzContent(f *testing.F) {
	for _, text := range []string{"", "aGk=", "aGk", "aGk_", "aGk/", "=", "====", "a", "a\nGk=", "\x00", "aGk=aGk="} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var a channels.Attachment
		if err := json.Unmarshal([]byte(`{"content":`+string(quoted)+`}`), &a); err != nil {
			if a.Content != nil {
				t.Fatalf("%q gives an error and %q", text, a.Content)
			}
			return
		}
		if len(a.Content) > len(text) {
			t.Fatalf("%q gives %d bytes", text, len(a.Content))
		}
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			var again channels.Attachment
			err := json.Unmarshal([]byte(`{"content":"`+encoding.EncodeToString(a.Content)+`"}`), &again)
			if err != nil || !bytes.Equal(again.Content, a.Content) {
				t.Fatalf("%q is read as %q, error %v", a.Content, again.Content, err)
			}
		}
	})
}
