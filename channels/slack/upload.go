package slack

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// uploadOf returns the file of a data: URL.
func uploadOf(r *channels.Reply) (*channels.Upload, error) {
	if channels.IsDataURL(r.Image) {
		return channels.ReadUpload(r.Image, "")
	}
	file, _ := r.AttachmentFile()
	return channels.ReadUpload(file.URL, file.Name)
}

// upload shows a file by three calls. Slack tells no ts of the message that it becomes.
// https://docs.slack.dev/messaging/working-with-files#uploading_files
func (c *Channel) upload(ctx context.Context, to address, f *channels.Upload) (channels.Receipt, error) {
	none := channels.Receipt{}
	channel, err := c.conversation(ctx, to.channel)
	if err != nil {
		return none, err
	}
	var place struct {
		URL string `json:"upload_url"`
		ID  string `json:"file_id"`
	}
	if _, err := c.api.ask(ctx, "files.getUploadURLExternal", url.Values{"filename": {f.Name}, "length": {strconv.Itoa(len(f.Data))}}, &place); err != nil {
		return none, err
	}
	answer, err := c.postNamed(ctx, place.URL, "application/octet-stream", f.Data)
	if err == nil {
		err = answer.Check()
	}
	if err != nil { // nobody has seen it yet
		return none, &channels.SendError{Class: notTaken(err), Code: channels.AsSendError(err).Code, Err: err}
	}
	share := params{"files": []any{params{"id": place.ID, "title": f.Name}}, "channel_id": channel}
	if to.thread != "" {
		share["thread_ts"] = to.thread
	}
	return channels.Receipt{ID: place.ID, Time: time.Now()}, c.api.call(ctx, "files.completeUploadExternal", share, nil)
}

// notTaken is the class of an upload that failed: it can be made again at no risk.
func notTaken(err error) channels.SendClass {
	if class := channels.AsSendError(err).Class; class == channels.SendRejected {
		return class
	}
	return channels.SendUnavailable
}

// conversation returns the id of the conversation with a user, where a channel is one: a file is
// shared in no other way.
func (c *Channel) conversation(ctx context.Context, channel string) (string, error) {
	if channel == "" || channel[0] != 'U' && channel[0] != 'W' {
		return channel, nil
	}
	var opened struct {
		Channel named `json:"channel"`
	}
	_, err := c.api.ask(ctx, "conversations.open", url.Values{"users": {channel}}, &opened)
	return opened.Channel.ID, err
}
