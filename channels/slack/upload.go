package slack

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// upload shows a file by three calls. Slack tells no ts of the message that it becomes.
// https://docs.slack.dev/messaging/working-with-files#uploading_files
func (c *Channel) upload(ctx context.Context, to address, f channels.AttachmentFile) (none channels.Receipt, err error) {
	file, err := channels.ReadUpload(f.URL, f.Name)
	if err != nil {
		return none, err
	}
	if strings.HasPrefix(to.channel, "U") || strings.HasPrefix(to.channel, "W") { // a file is shared in conversations alone
		var opened struct {
			Channel named `json:"channel"`
		}
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
