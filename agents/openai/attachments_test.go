package openai_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

// The beginnings of files, by which they are known.
const (
	png  = "\x89PNG\x0D\x0A\x1A\x0A a picture"
	jpeg = "\xFF\xD8\xFF a photo"
	bmp  = "BM a bitmap"
)

// media has the bytes by their refs, and the error that stands for some.
type media map[string]any

func (m media) Open(ctx context.Context, a channels.Attachment) (channels.Medium, error) {
	switch v := m[a.Ref].(type) {
	case error:
		return channels.Medium{}, v
	case string:
		return agenttest.Media{a.Ref: v}.Open(ctx, a)
	}
	return channels.Medium{}, channels.Errorf(channels.CodeNotFound, "the medium is not kept any more")
}

// asked answers a turn with attachments and returns the content of its message.
func asked(t *testing.T, text string, m agents.Media, list []channels.Attachment, changes ...change) string {
	t.Helper()
	f := &fake{answer: says("x")}
	turn := agenttest.Turn("ann", text)
	turn.Message.Attachments, turn.Media = list, m
	if err := onLoopback(t, f, changes...).answer(t, turn, &agenttest.Recorder{}); err != nil {
		t.Fatal(err)
	}
	messages := f.seen()[0].key("messages")
	return strings.TrimSuffix(strings.TrimPrefix(messages, `[{"role":"user","content":`), "}]")
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	in64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	all := func(c *openai.Config) { c.Attachments = openai.Attachments{"image", "audio"} }
	none := func(c *openai.Config) { c.Attachments = nil }
	usual := func(*openai.Config) {}
	files := media{"png": png, "jpeg": jpeg, "bmp": bmp, "mp3": "sound", "gone": nil, "large": channels.Errorf(channels.CodeTooLarge, "x")}
	image := func(ref string) channels.Attachment { return channels.Attachment{Type: "image", Ref: ref} }
	sound := func(mime string) channels.Attachment {
		return channels.Attachment{Type: "audio", Ref: "mp3", MIME: mime}
	}
	const textOf = `{"type":"text","text":"look"}`
	for _, c := range []struct {
		name   string
		change change
		text   string
		list   []channels.Attachment
		want   string
	}{
		{
			"an image", usual, "look", []channels.Attachment{image("png")},
			`[` + textOf + `,{"type":"image_url","image_url":{"url":"data:image/png;base64,` + in64(png) + `"}}]`,
		},
		{
			"images alone", usual, "", []channels.Attachment{image("png"), image("jpeg")},
			`[{"type":"image_url","image_url":{"url":"data:image/png;base64,` + in64(png) + `"}},` +
				`{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,` + in64(jpeg) + `"}}]`,
		},
		{
			"an image that says it is another", usual, "look", []channels.Attachment{{Type: "image", Ref: "jpeg", MIME: "image/png"}},
			`[` + textOf + `,{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,` + in64(jpeg) + `"}}]`,
		},
		{
			"an image sent as a file", usual, "look", []channels.Attachment{{Type: "file", Ref: "png", MIME: "image/png"}},
			`[` + textOf + `,{"type":"image_url","image_url":{"url":"data:image/png;base64,` + in64(png) + `"}}]`,
		},
		{"an image that no model takes", usual, "look", []channels.Attachment{image("bmp")}, `"look\n\n[image: you cannot read this format]"`},
		{"no images taken", none, "look", []channels.Attachment{image("png")}, `"look\n\n[image: you cannot read attachments of this kind]"`},
		{"gone", usual, "look", []channels.Attachment{image("gone")}, `"look\n\n[image: it is not kept any more]"`},
		{"too large", usual, "look", []channels.Attachment{image("large")}, `"look\n\n[image: it is too large to be read]"`},
		{"a sound", all, "look", []channels.Attachment{sound("audio/mpeg")}, `[` + textOf + `,{"type":"input_audio","input_audio":{"data":"c291bmQ=","format":"mp3"}}]`},
		{"a wave", all, "look", []channels.Attachment{sound("audio/x-wav; codec=1")}, `[` + textOf + `,{"type":"input_audio","input_audio":{"data":"c291bmQ=","format":"wav"}}]`},
		{"a sound of a messenger", all, "look", []channels.Attachment{sound("audio/ogg")}, `"look\n\n[audio: you cannot read this format]"`},
		{"a sound of no format", all, "look", []channels.Attachment{sound("")}, `"look\n\n[audio: you cannot read this format]"`},
		{"no sounds taken", usual, "look", []channels.Attachment{sound("audio/mpeg")}, `"look\n\n[audio: you cannot read attachments of this kind]"`},
		{
			"a file", all, "look", []channels.Attachment{{Type: "file", Name: "a\"\n.pdf", MIME: "application/pdf"}},
			`"look\n\n[file \"a\\\"\\n.pdf\": you cannot read attachments of this kind]"`,
		},
		{"a file alone", all, "", []channels.Attachment{{Type: "file"}}, `"[file: you cannot read attachments of this kind]"`},
		{
			"a file and an image", usual, "look", []channels.Attachment{{Type: "video"}, image("png")},
			`[` + textOf + `,{"type":"text","text":"[video: you cannot read attachments of this kind]"},{"type":"image_url","image_url":{"url":"data:image/png;base64,` + in64(png) + `"}}]`,
		},
		{
			"too many", none, "look", make([]channels.Attachment, 13),
			`"look` + strings.Repeat(`\n\n[file: you cannot read attachments of this kind]`, 10) + `\n\n[3 more attachments: there are too many attachments to read all]"`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, asked(t, c.text, files, c.list, c.change)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestAttachmentsTogether bounds what all have together.
func TestAttachmentsTogether(t *testing.T) {
	t.Parallel()
	half := png + strings.Repeat("x", channels.MaxMedium/2)
	image := channels.Attachment{Type: "image", Ref: "half"}
	got := asked(t, "", media{"half": half, "small": png}, []channels.Attachment{image, image, {Type: "image", Ref: "small"}})
	if strings.Count(got, "data:image/png;base64,") != 2 || !strings.Contains(got, "[image: it is too large to be read]") {
		t.Errorf("%d bytes: %.200s", len(got), got)
	}
}

// TestAttachmentFails does not ask the model when an attachment cannot be read now. That is no
// reason for others not to ask it.
func TestAttachmentFails(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]any{
		"the platform": channels.Errorf(channels.CodeUnavailable, "the platform does not answer"), "something": errors.New("x"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: says("x")}
			turn := agenttest.Turn("ann", "look")
			turn.Message.Attachments, turn.Media = []channels.Attachment{{Type: "image", Ref: "r"}}, media{"r": failure}
			err := onLoopback(t, f).answer(t, turn, &agenttest.Recorder{})
			expect(t, err, channels.CodeUnavailable, "agent openai: an attachment cannot be read now")
			if agents.IsNotReached(err) || channels.AsError(err).Code.IsPermanent() || len(f.seen()) > 0 {
				t.Errorf("error %v, %d requests", err, len(f.seen()))
			}
		})
	}
}

// whisper is a fake server that transcribes.
type whisper struct {
	answer http.HandlerFunc

	mu   sync.Mutex
	seen []string
}

func (w *whisper) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	file, head, err := r.FormFile("file")
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	data, _ := io.ReadAll(file)
	w.mu.Lock()
	w.seen = append(w.seen, fmt.Sprintf("%s %s %s %s %s %s %s", r.Method, r.URL.Path, r.Header.Get("Authorization"), r.FormValue("model"), r.FormValue("response_format"), head.Filename, data))
	w.mu.Unlock()
	w.answer(rw, r)
}

func TestTranscribe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		sound  channels.Attachment
		file   string
		want   string
	}{
		{"a voice", raw("application/json", `{"text":" Hello. "}`), channels.Attachment{MIME: "audio/ogg"}, "audio.ogg", `"hi\n\n[audio, transcribed]\n\nHello."`},
		{"an MP3", raw("application/json", `{"text":"Hello"}`), channels.Attachment{MIME: "audio/mpeg"}, "audio.mp3", `"hi\n\n[audio, transcribed]\n\nHello"`},
		{"by its name", raw("application/json", `{"text":"Hello"}`), channels.Attachment{MIME: "audio/ogg", Name: "my\r\nnote.oga"}, "audio.oga", `"hi\n\n[audio, transcribed]\n\nHello"`},
		{"an odd name", raw("application/json", `{"text":"Hello"}`), channels.Attachment{MIME: "audio/x-m4a", Name: "a.\"b"}, "audio.m4a", `"hi\n\n[audio, transcribed]\n\nHello"`},
		{"silence", raw("application/json", `{"text":""}`), channels.Attachment{MIME: "audio/webm"}, "audio.webm", `"hi\n\n[audio, transcribed]"`},
		{"refused", fails(400, `{"error":{"message":"Invalid file format."}}`), channels.Attachment{MIME: "audio/flac"}, "audio.flac", `"hi\n\n[audio: it could not be transcribed]"`},
		{"no answer", raw("text/html", `<html>`), channels.Attachment{MIME: "audio/wav"}, "audio.wav", `"hi\n\n[audio: it could not be transcribed]"`},
		{"too long an answer", raw("application/json", `{"text":"`+strings.Repeat("x", 1<<20)+`"}`), channels.Attachment{}, "audio.ogg", `"hi\n\n[audio: it could not be transcribed]"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := &whisper{answer: c.answer}
			server := httptest.NewServer(w)
			defer server.Close()
			c.sound.Type, c.sound.Ref = "audio", "r"
			got := asked(t, "hi", media{"r": "sound"}, []channels.Attachment{c.sound}, func(conf *openai.Config) {
				conf.Attachments = openai.Attachments{"audio"} // transcribed all the same
				conf.Transcribe = &openai.Transcribe{Endpoint: openai.Endpoint{BaseURL: server.URL + "/v1", APIKey: apiKey}, Model: "whisper-1"}
			})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if want := "POST /v1/audio/transcriptions Bearer " + apiKey + " whisper-1 json " + c.file + " sound"; !cmp.Equal(w.seen, []string{want}) {
				t.Errorf("got  %q\nwant %q", w.seen, want)
			}
		})
	}
}

// TestTranscribeFails does not ask the model when a sound cannot be transcribed now. That is no
// reason for others not to ask it.
func TestTranscribeFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		after  time.Duration
		took   time.Duration
	}{
		{"401", fails(401, `{"error":{"message":"Incorrect API key provided: %s"}}`), time.Second, 0},
		{"429", fails(429, `{}`, "Retry-After", "7"), 7 * time.Second, 0},
		{"500", fails(500, `{"error":"%s"}`), time.Second, 0},
		{"breaks off", breaksOff(), time.Second, 0},
		{"hangs", hangs, time.Second, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: says("x")}
				p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !strings.HasSuffix(r.URL.Path, "/transcriptions") {
						f.ServeHTTP(w, r)
						return
					}
					_, _ = io.Copy(io.Discard, r.Body)
					c.answer(w, r)
				}))
				h, began := onPipes(t, p, func(conf *openai.Config) { conf.Transcribe = &openai.Transcribe{Model: "w"} }), time.Now()
				turn := agenttest.Turn("ann", "hi")
				turn.Message.Attachments, turn.Media = []channels.Attachment{{Type: "audio", Ref: "r"}}, media{"r": "sound"}
				err := h.answer(t, turn, &agenttest.Recorder{})
				expect(t, err, channels.CodeUnavailable, "agent openai: a sound cannot be transcribed")
				if e := channels.AsError(err); agents.IsNotReached(err) || e.Code.IsPermanent() || e.RetryAfter != c.after || time.Since(began) != c.took || len(f.seen()) > 0 {
					t.Errorf("not reached %v, after %v, took %v", agents.IsNotReached(err), e.RetryAfter, time.Since(began))
				}
			})
		})
	}
}
