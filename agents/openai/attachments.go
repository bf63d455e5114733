package openai

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

const (
	attachmentImage = "image"
	attachmentAudio = "audio"

	// maxAttachments is how many attachments of a message are opened, and maxMedia how much
	// they may have together, in bytes. The model is told of the others in words.
	maxAttachments = 10
	maxMedia       = channels.MaxMedium
)

// Attachments are the kinds of attachments that the model takes: "image" and "audio".
type Attachments []string

func (a Attachments) validate() error {
	for _, kind := range a {
		if kind != attachmentImage && kind != attachmentAudio {
			return fmt.Errorf("attachments: expected %q and %q, or [] for none", attachmentImage, attachmentAudio)
		}
	}
	return nil
}

// Why an attachment is not sent, in the words that the model is told.
const (
	whyKind    = "you cannot read attachments of this kind"
	whyFormat  = "you cannot read this format"
	whyLarge   = "it is too large to be read"
	whyMany    = "there are too many attachments to read all"
	whyGone    = "it is not kept any more"
	whyUnheard = "it could not be transcribed"
)

// reading is the reading of one message's attachments.
type reading struct {
	agent *Agent
	turn  agents.Turn
	// hold waits until so many bytes may be held.
	hold func(size int) error
	left int64 // of maxMedia
}

// userMessage returns the message as the model gets it: its text, and what it takes of the
// attachments. An error says that it could not be read now, and may be later.
func (a *Agent) userMessage(ctx context.Context, t agents.Turn, hold func(size int) error) (chatMessage, error) {
	m := chatMessage{Role: roleUser}
	if t.Message.Text != "" || len(t.Message.Attachments) == 0 {
		m.Parts = append(m.Parts, textPart(t.Message.Text))
	}
	r := &reading{agent: a, turn: t, hold: hold, left: maxMedia}
	for i, attachment := range t.Message.Attachments {
		if i == maxAttachments {
			m.Parts = append(m.Parts, textPart(fmt.Sprintf("[%d more attachments: %s]", len(t.Message.Attachments)-i, whyMany)))
			break
		}
		part, why, err := r.part(ctx, attachment)
		switch {
		case err != nil:
			return chatMessage{}, err
		case why != "":
			part = textPart(inWords(attachment, why))
		}
		m.Parts = append(m.Parts, part)
	}
	return m.withoutSplitText(), nil
}

// withoutSplitText joins the texts of a message that has nothing else.
func (m chatMessage) withoutSplitText() chatMessage {
	if slices.ContainsFunc(m.Parts, func(p contentPart) bool { return p.Type != "text" }) {
		return m
	}
	return newMessage(m.Role, m.text())
}

// part returns an attachment as a part, or why it is none.
func (r *reading) part(ctx context.Context, a channels.Attachment) (part contentPart, why string, err error) {
	takes := func(kind string) bool { return slices.Contains(r.agent.config.Attachments, kind) }
	switch kind := kindOf(a); {
	case kind == attachmentImage && takes(kind):
		return r.image(ctx, a)
	case kind == attachmentAudio && r.agent.transcriber != nil:
		return r.transcript(ctx, a)
	case kind == attachmentAudio && takes(kind):
		return r.audio(ctx, a)
	}
	return contentPart{}, whyKind, nil
}

// kindOf returns the kind that an attachment says it is. A file may be of any.
func kindOf(a channels.Attachment) string {
	if a.Type == attachmentImage || a.Type == attachmentAudio {
		return a.Type
	}
	kind, _, _ := strings.Cut(a.MIME, "/")
	return kind
}

// image returns an image in a data: URL. What it says it is does not count: one that is of
// another format would have the server refuse the whole message.
func (r *reading) image(ctx context.Context, a channels.Attachment) (part contentPart, why string, err error) {
	data, _, why, err := r.read(ctx, a)
	if why != "" || err != nil {
		return part, why, err
	}
	switch format := http.DetectContentType(data); format {
	case "image/png", "image/jpeg", "image/gif", "image/webp": // https://platform.openai.com/docs/guides/images-vision
		url := "data:" + format + ";base64," + base64.StdEncoding.EncodeToString(data)
		return contentPart{Type: "image_url", Image: &imagePart{url}}, "", nil
	}
	return part, whyFormat, nil
}

// audio returns a sound in one of the two formats that the API has.
// https://platform.openai.com/docs/guides/audio
func (r *reading) audio(ctx context.Context, a channels.Attachment) (part contentPart, why string, err error) {
	data, m, why, err := r.read(ctx, a)
	if why != "" || err != nil {
		return part, why, err
	}
	format := ""
	switch typeOf(m) {
	case "audio/mpeg", "audio/mp3":
		format = "mp3"
	case "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave":
		format = "wav"
	default:
		return part, whyFormat, nil
	}
	return contentPart{Type: "input_audio", Audio: &inputAudio{base64.StdEncoding.EncodeToString(data), format}}, "", nil
}

// transcript returns what is said in a sound.
func (r *reading) transcript(ctx context.Context, a channels.Attachment) (part contentPart, why string, err error) {
	data, m, why, err := r.read(ctx, a)
	if why != "" || err != nil {
		return part, why, err
	}
	text, err := r.agent.transcriber.transcribe(ctx, r.agent.client, recording{data: data, name: m.Name, mediaType: typeOf(m)})
	switch {
	case err == nil:
		return textPart(joined("[audio, transcribed]", text)), "", nil
	case ctx.Err() != nil:
		return part, "", contextError(ctx)
	case channels.AsError(err).Code.IsPermanent():
		r.agent.log.WarnContext(ctx, "agent openai: a sound is not transcribed", "channel", r.turn.Message.Channel, "error", err)
		return part, whyUnheard, nil
	}
	return part, "", err
}

// typeOf returns the media type without its parameters.
func typeOf(m channels.Medium) string {
	t, _, err := mime.ParseMediaType(m.MIME)
	if err != nil {
		return ""
	}
	return t
}

// read returns the bytes of an attachment, and what is known of it, or why there are none.
func (r *reading) read(ctx context.Context, a channels.Attachment) (data []byte, m channels.Medium, why string, err error) {
	m, err = r.turn.Open(ctx, a)
	if err == nil {
		m, err = m.Limit(r.left)
	}
	if err != nil {
		return nil, m, whyNot(err), unlessPermanent(ctx, err)
	}
	defer func() { _ = m.Close() }()
	size := m.Size
	if size == 0 { // it may be large
		size = agents.SmallAnswer
	}
	if err := r.hold(int(maxMedia - r.left + size)); err != nil {
		return nil, m, "", err
	}
	if data, err = io.ReadAll(m); err != nil {
		return nil, m, whyNot(err), unlessPermanent(ctx, err)
	}
	r.left -= int64(len(data))
	if m.MIME == "" {
		m.MIME = a.MIME
	}
	if m.Name == "" {
		m.Name = a.Name
	}
	return data, m, "", nil
}

// whyNot says why an attachment cannot be read, "" when it may be another time.
func whyNot(err error) string {
	switch code := channels.AsError(err).Code; {
	case code == channels.CodeTooLarge:
		return whyLarge
	case code.IsPermanent(), code == channels.CodeGone:
		return whyGone
	}
	return ""
}

// unlessPermanent returns the error of a turn whose attachment cannot be read now.
func unlessPermanent(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return contextError(ctx)
	case whyNot(err) != "":
		return nil
	}
	return &channels.Error{
		Code: channels.CodeUnavailable, Message: "agent openai: an attachment cannot be read now", RetryAfter: agents.DefaultRetryAfter, Err: err,
	}
}
