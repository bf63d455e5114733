package slack

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
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
		kind, _, _ := strings.Cut(f.MIME, "/")
		if kind != "image" && kind != "audio" && kind != "video" {
			kind = "file"
		}
		if f.ID != "" {
			list = append(list, channels.Attachment{Type: kind, Ref: f.ID, MIME: f.MIME, Name: f.Name, Size: max(0, f.Size)})
		}
	}
	return list
}

// Fetch gets a file by its id. https://docs.slack.dev/reference/methods/files.info
func (c *Channel) Fetch(ctx context.Context, ref string) (m channels.Medium, err error) {
	var found struct {
		File file `json:"file"`
	}
	if _, err = c.api.ask(ctx, "files.info", url.Values{"file": {ref}}, &found); err != nil {
		return m, fetchError(ctx, err)
	}
	address := cmp.Or(found.File.Download, found.File.Private)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil || !channels.IsBelow(c.config.APIBaseURL, address) {
		return m, channels.Errorf(channels.CodeUnavailable, "Slack does not keep the file itself: it is at another address")
	}
	req.Header = c.api.Header.Clone()
	if m, err = c.files.Get(req); err != nil {
		return m, err
	}
	// A token without files:read gets a page to log in, with the status 200.
	if strings.HasPrefix(m.MIME, "text/html") && !strings.HasPrefix(found.File.MIME, "text/html") {
		_ = m.Close()
		return channels.Medium{}, channels.Errorf(channels.CodeUnavailable, "Slack asks to log in where the file should be: the scope files:read is missing")
	}
	m.Name, m.MIME = cmp.Or(m.Name, found.File.Name), cmp.Or(found.File.MIME, m.MIME)
	return m, nil
}

// fetchError returns an error of files.info for whoever reads the file.
func fetchError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return channels.AsError(ctx.Err())
	case hasCode(err, "file_not_found", "file_deleted", "invalid_arguments"):
		return &channels.Error{Code: channels.CodeNotFound, Message: "Slack does not have the file", Err: err}
	}
	return &channels.Error{Code: channels.CodeUnavailable, Message: "the file cannot be fetched from Slack", Err: err}
}
