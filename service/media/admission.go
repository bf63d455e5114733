package media

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// Check refuses attachments whose bytes can't be where they say. The door calls it before it
// asks for room.
func (l *Library) Check(in *instance.Instance, m *channels.Message) error {
	for i, a := range m.Attachments {
		if a.Ref != "" && !isUpload(a.Ref) && !in.Fetches() {
			return channels.InvalidField(fmt.Sprintf("attachments[%d].ref", i), "not that of an upload: POST %s%s/media makes one",
				instance.WebhooksPath, in.Name)
		}
	}
	return nil
}

// Admit stores the content of a message's attachments, puts refs in its place, and has the
// message hold them and its uploads. The door calls it last, before the message is stored or
// asked. Kept says that the message holds media. Of a message that is known already nothing
// is stored again: it gets its refs, and is known by them. A message without media costs
// nothing.
func (l *Library) Admit(ctx context.Context, in *instance.Instance, m *channels.Message) (kept bool, err error) {
	if !slices.ContainsFunc(m.Attachments, isKept) {
		return false, nil
	}
	k := journal.Key{Channel: m.Channel, Sender: m.Sender, ID: m.ID}
	contents := l.takeContents(m, k)
	switch known, err := l.isKnown(ctx, k); {
	case err != nil:
		return false, l.refused(ctx, in, err)
	case known:
		return true, nil
	}
	if err := l.put(ctx, in, m.Conversation(), contents); err != nil {
		return false, err
	}
	missing, err := l.Store.HoldMedia(ctx, k, l.ResponseTimeout+l.AgentTimeout()+unusedLife, uploadsOf(m)...)
	switch {
	case err != nil:
		return false, l.refused(ctx, in, err)
	case missing == "":
		return true, nil
	}
	// It may have been answered in the meantime.
	if known, err := l.isKnown(ctx, k); err == nil && known {
		return true, nil
	}
	i := slices.IndexFunc(m.Attachments, func(a channels.Attachment) bool { return a.Ref == missing })
	return false, channels.InvalidField(fmt.Sprintf("attachments[%d].ref", i),
		"no upload that this message may use: it is not kept any more, or is another message's or another sender's")
}

// isKept reports whether the journal keeps an attachment, or is to keep it.
func isKept(a channels.Attachment) bool { return a.Content != nil || isUpload(a.Ref) }

// isKnown reports whether a message has been stored or asked, so that it is not answered
// again.
func (l *Library) isKnown(ctx context.Context, k journal.Key) (bool, error) {
	known, err := l.Store.Recall(ctx, k)
	return known != nil && known.State != journal.StateFailed, err
}

// takeContents takes the contents out of a message, puts refs in their place, and returns
// the media that are to be stored.
func (l *Library) takeContents(m *channels.Message, k journal.Key) (contents []journal.Medium) {
	m.Attachments = slices.Clone(m.Attachments) // the channel has the list too
	for i := range m.Attachments {
		a := &m.Attachments[i]
		if a.Content == nil {
			continue
		}
		a.Ref = contentRef(l.Links, k, i, a.Content)
		contents = append(contents, journal.Medium{
			Channel: k.Channel, Ref: a.Ref, Sender: k.Sender, MIME: a.MIME, Name: a.Name, Content: a.Content,
		})
		a.Size, a.Content = int64(len(a.Content)), nil
	}
	return contents
}

// put stores media, when there is room for all of them.
func (l *Library) put(ctx context.Context, in *instance.Instance, c channels.Conversation, media []journal.Medium) error {
	if len(media) == 0 {
		return nil
	}
	if err := l.Disk.CheckDisk(ctx); err != nil {
		return err
	}
	more := journal.MediaUse{Count: len(media)}
	for _, m := range media {
		more.Bytes += int64(len(m.Content))
	}
	release, err := l.shares.reserve(ctx, c, more)
	if err != nil {
		return l.noRoom(ctx, in, err)
	}
	defer release()
	for _, m := range media {
		if err := l.Store.PutMedium(ctx, m, unusedLife); err != nil {
			return l.refused(ctx, in, err)
		}
	}
	return nil
}

// noRoom is the error of media for which reserve has made no room.
func (l *Library) noRoom(ctx context.Context, in *instance.Instance, err error) error {
	var share *channels.Error
	if errors.As(err, &share) {
		return share
	}
	return l.refused(ctx, in, err)
}

// uploadsOf returns the refs of what the journal keeps of a message.
func uploadsOf(m *channels.Message) (refs []string) {
	for _, a := range m.Attachments {
		if isUpload(a.Ref) {
			refs = append(refs, a.Ref)
		}
	}
	return refs
}

// Release deletes what the journal keeps of a message that is answered. What it can't delete
// goes with the next sweeps.
func (l *Library) Release(ctx context.Context, m *channels.Message) {
	refs := uploadsOf(m)
	if len(refs) == 0 {
		return
	}
	k := journal.Key{Channel: m.Channel, Sender: m.Sender, ID: m.ID}
	if err := l.Store.DropMedia(ctx, k, refs...); err != nil && ctx.Err() == nil {
		l.Log.Warn("media not deleted yet", "channel", m.Channel, "message_id", m.ID, "error", err)
	}
}
