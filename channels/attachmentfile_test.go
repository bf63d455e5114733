package channels_test

import (
	"testing"

	"github.com/manyvox/manyvox/channels"
)

func TestAttachmentFile(t *testing.T) {
	t.Parallel()
	for attachment, want := range map[string]channels.AttachmentFile{
		`"https://x.test/a"`: {URL: "https://x.test/a"},
		`{"type":"image","payload":{"src":"https://x.test/a.png"}}`:     {Type: "image", URL: "https://x.test/a.png"},
		`{"type":"video","payload":{"url":"http://x.test/a"}}`:          {Type: "video", URL: "http://x.test/a"},
		`{"type":"file","url":"data:,a","name":"a.txt","payload":null}`: {Type: "file", URL: "data:,a", Name: "a.txt"},
		`"see the file"`: {}, `{"type":"template","payload":{"elements":[]}}`: {}, `7`: {}, `{"url":"ftp://x"}`: {}, `[]`: {}, `null`: {},
	} {
		r := channels.Reply{Attachment: []byte(attachment)}
		if got, ok := r.AttachmentFile(); got != want || ok != (want.URL != "") {
			t.Errorf("%s: %+v, %v", attachment, got, ok)
		}
	}
}
