package slack

import (
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// file is a file at Slack. One of another organisation has an id alone.
// https://docs.slack.dev/reference/objects/file-object
type file struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	MIME     string `json:"mimetype"`
	Size     int64  `json:"size"`
	Private  string `json:"url_private"`
	Download string `json:"url_private_download"`
}

// attachmentsOf returns the files of a message. Their Ref is Slack's id.
func attachmentsOf(files []file) (list []channels.Attachment) {
	for _, f := range files {
		if f.ID == "" {
			continue
		}
		kind, _, _ := strings.Cut(f.MIME, "/")
		if kind != "image" && kind != "audio" && kind != "video" {
			kind = "file"
		}
		list = append(list, channels.Attachment{Type: kind, Ref: f.ID, MIME: f.MIME, Name: f.Name, Size: max(0, f.Size)})
	}
	return list
}
