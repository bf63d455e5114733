package slack

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// file is a file at Slack. One of another organisation has an id alone.
// https://docs.slack.dev/reference/objects/file-object
type file struct {
	ID, Name, Mimetype string
	Size               int64
	Private            string `json:"url_private"`
	Download           string `json:"url_private_download"`
}

// attachmentsOf returns the files of a message. Their Ref is Slack's id.
func attachmentsOf(files []file) (list []channels.Attachment) {
	for _, f := range files {
		kind, _, _ := strings.Cut(f.Mimetype, "/")
		if kind != "image" && kind != "audio" && kind != "video" {
			kind = "file"
		}
		if f.ID != "" {
			list = append(list, channels.Attachment{Type: kind, Ref: f.ID, MIME: f.Mimetype, Name: f.Name, Size: max(0, f.Size)})
		}
	}
	return list
}

// Fetch gets a file by its id. https://docs.slack.dev/reference/methods/files.info
func (c *Channel) Fetch(ctx context.Context, ref string) (m channels.Medium, err error) {
	var found struct{ File file }
	if _, err = c.api.ask(ctx, "files.info", url.Values{"file": {ref}}, &found); err != nil {
		return m, channels.MediumError(ctx, err)
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
	if strings.HasPrefix(m.MIME, "text/html") && !strings.HasPrefix(found.File.Mimetype, "text/html") {
		_ = m.Close()
		return channels.Medium{}, channels.Errorf(channels.CodeUnavailable, "Slack asks to log in where the file should be: the scope files:read is missing")
	}
	m.Name, m.MIME = cmp.Or(m.Name, found.File.Name), cmp.Or(found.File.Mimetype, m.MIME)
	return m, nil
}

// upload shows a file by three calls. Slack tells no ts of the message that it becomes.
// https://docs.slack.dev/messaging/working-with-files#uploading_files
func (c *Channel) upload(ctx context.Context, to address, f channels.AttachmentFile) (none channels.Receipt, err error) {
	file, err := channels.ReadUpload(f.URL, f.Name)
	if err != nil {
		return none, err
	}
	if to.isUser() { // a file is shared in conversations alone
		var opened struct{ Channel struct{ ID string } }
		if _, err := c.api.ask(ctx, "conversations.open", url.Values{"users": {to.channel}}, &opened); err != nil {
			return none, err
		}
		to.channel = opened.Channel.ID
	}
	var place struct {
		URL string `json:"upload_url"`
		ID  string `json:"file_id"`
	}
	if _, err := c.api.ask(ctx, "files.getUploadURLExternal", url.Values{"filename": {file.Name}, "length": {strconv.Itoa(len(file.Data))}}, &place); err != nil {
		return none, err
	}
	if err := c.postNamed(ctx, place.URL, "application/octet-stream", file.Data); err != nil {
		e := *channels.AsSendError(err)
		if e.Class != channels.SendRejected { // nobody has seen it: it can be sent again at no risk
			e.Class = channels.SendUnavailable
		}
		return none, &e
	}
	share := params{"files": []any{params{"id": place.ID, "title": file.Name}}, "channel_id": to.channel}
	if to.thread != "" {
		share["thread_ts"] = to.thread
	}
	return channels.Receipt{ID: place.ID, Time: time.Now()}, c.api.call(ctx, "files.completeUploadExternal", share, nil)
}
