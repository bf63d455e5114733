package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// mediumLife is how long the suite's media are kept that no stored message holds.
const mediumLife = time.Hour

// mediaClient puts media in and reads them.
type mediaClient struct{ *store }

// medium returns a medium of channel "web" for anybody, whose content depends on its ref.
func medium(ref string) journal.Medium {
	return journal.Medium{Channel: "web", Ref: ref, MIME: "image/png", Name: ref + ".png", Content: []byte("content of " + ref)}
}

// put puts media in.
func (c mediaClient) put(ms ...journal.Medium) {
	c.Helper()
	for _, m := range ms {
		c.wantErr("PutMedium", c.PutMedium(c.Context(), m, mediumLife), nil)
	}
}

// hold has a message hold media and checks the first that is missing.
func (c mediaClient) hold(missing string, k journal.Key, refs ...string) {
	c.Helper()
	got, err := c.HoldMedia(c.Context(), k, mediumLife, refs...)
	c.wantErr("HoldMedia", err, nil)
	c.equal("missing", got, missing)
}

// drop drops media of a message.
func (c mediaClient) drop(k journal.Key, refs ...string) {
	c.Helper()
	c.wantErr("DropMedia", c.DropMedia(c.Context(), k, refs...), nil)
}

// want checks that the channel "web" has media, with their content.
func (c mediaClient) want(refs ...string) {
	c.Helper()
	for _, ref := range refs {
		got, err := c.Medium(c.Context(), "web", ref)
		c.wantErr("Medium", err, nil)
		if got == nil {
			c.Fatalf("there is no medium %s", ref)
		}
		got.Sender = ""
		c.equal("medium", *got, medium(ref))
	}
}

// wantNone checks that the channel has none of the media.
func (c mediaClient) wantNone(channel string, refs ...string) {
	c.Helper()
	for _, ref := range refs {
		got, err := c.Medium(c.Context(), channel, ref)
		c.wantErr("Medium", err, nil)
		if got != nil {
			c.Errorf("there is still medium %s of channel %s", ref, channel)
		}
	}
}

// wantUse checks how many media are stored for channel "web" and for one sender of it.
func (c mediaClient) wantUse(sender string, ofChannel, ofSender journal.MediaUse) {
	c.Helper()
	gotChannel, gotSender, err := c.MediaUse(c.Context(), "web", sender)
	c.wantErr("MediaUse", err, nil)
	c.equal("use", []journal.MediaUse{gotChannel, gotSender}, []journal.MediaUse{ofChannel, ofSender})
}

// enqueueHolding puts media in, and stores a message of ann that holds them.
func (h *harness) enqueueHolding(id string, refs ...string) {
	h.Helper()
	for _, ref := range refs {
		h.media.put(medium(ref))
	}
	h.media.hold("", keyOf("ann", id), refs...)
	e := entries(messageHolding(id, refs...))
	e[0].Media = true
	fresh, err := h.Enqueue(h.Context(), e...)
	h.wantErr("Enqueue", err, nil)
	h.equal("fresh", fresh, []bool{true})
}

// messageHolding returns a message of ann with an attachment for each ref.
func messageHolding(id string, refs ...string) channels.Message {
	m := message("ann", id)
	for _, ref := range refs {
		m.Attachments = append(m.Attachments, channels.Attachment{Type: "image", Ref: ref})
	}
	return m
}
