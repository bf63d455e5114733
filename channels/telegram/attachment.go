package telegram

import (
	"cmp"
	"context"
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// media are the files of a message.
type media struct {
	Photo     []file `json:"photo"` // the same picture in several sizes
	Voice     *file  `json:"voice"`
	Audio     *file  `json:"audio"`
	Video     *file  `json:"video"`
	VideoNote *file  `json:"video_note"`
	Animation *file  `json:"animation"` // comes as a document too
	Document  *file  `json:"document"`
	Sticker   *file  `json:"sticker"`
}

// file is a file at Telegram. Which of its fields are there depends on its kind.
type file struct {
	ID         string `json:"file_id"`
	Name       string `json:"file_name"`
	MIME       string `json:"mime_type"`
	Size       int64  `json:"file_size"`
	Width      int    `json:"width"`
	IsVideo    bool   `json:"is_video"`    // of a sticker
	IsAnimated bool   `json:"is_animated"` // of a sticker
}

// attachments returns the files of a message. Their Ref is Telegram's file_id.
func (m *media) attachments() (list []channels.Attachment) {
	add := func(f *file, kind, mime string) {
		if f != nil && f.ID != "" {
			list = append(list, channels.Attachment{Type: kind, Ref: f.ID, MIME: cmp.Or(f.MIME, mime), Name: f.Name, Size: max(0, f.Size)})
		}
	}
	if len(m.Photo) > 0 {
		largest := slices.MaxFunc(m.Photo, func(a, b file) int { return cmp.Compare(a.Width, b.Width) })
		add(&largest, "image", "image/jpeg")
	}
	add(m.Voice, "audio", "audio/ogg")
	add(m.Audio, "audio", "audio/mpeg")
	add(m.Video, "video", "video/mp4")
	add(m.VideoNote, "video", "video/mp4")
	add(m.Animation, "video", "video/mp4")
	if m.Animation == nil {
		add(m.Document, "file", "")
	}
	switch s := m.Sticker; {
	case s == nil:
	case s.IsVideo:
		add(s, "video", "video/webm")
	case s.IsAnimated:
		add(s, "file", "application/x-tgsticker")
	default:
		add(s, "image", "image/webp")
	}
	return list
}

// Fetch gets a file by its file_id. The address of its bytes holds the token, so that it is in
// no error. https://core.telegram.org/bots/api#getfile
func (c *Channel) Fetch(ctx context.Context, ref string) (channels.Medium, error) {
	var found struct {
		Path string `json:"file_path"`
	}
	switch err := c.api.call(ctx, "getFile", params{"file_id": ref}, &found); {
	case channels.HasSendCode(err, "too_big"):
		return channels.Medium{}, channels.Errorf(channels.CodeTooLarge, "the file is larger than the 20 MB that Telegram lets bots fetch")
	case err != nil:
		return channels.Medium{}, channels.MediumError(ctx, err)
	}
	// A server of one's own that runs with --local names paths of its own disk.
	return c.files.GetBelow(ctx, c.config.base()+"/file/bot"+c.config.AccessToken.Reveal(), found.Path)
}
