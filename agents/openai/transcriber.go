package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// maxTranscript is the longest answer of a transcription, in bytes.
const maxTranscript = 1 << 20

// Transcribe is the key transcribe: a model that makes text of what is said in a sound.
// https://platform.openai.com/docs/api-reference/audio/createTranscription
type Transcribe struct {
	// Endpoint is where the model is. Without base_url it is the agent's, with its key.
	Endpoint
	// Model is the model's name. Required.
	Model string `yaml:"model"`
	// Timeout bounds a transcription. Default 60s.
	Timeout time.Duration `yaml:"timeout"`
}

func (t *Transcribe) validate() error {
	if t == nil {
		return nil
	}
	var errs []error
	if t.BaseURL != "" {
		errs = append(errs, t.validateEndpoint())
	} else if t.APIKey != "" || len(t.Headers) > 0 || len(t.Query) > 0 {
		errs = append(errs, errors.New("base_url: required beside api_key, headers and query"))
	}
	if t.Model == "" {
		errs = append(errs, errors.New("model: required: the model's name, such as whisper-1"))
	}
	if t.Timeout < 0 {
		errs = append(errs, errors.New(`timeout: expected more than zero, such as "60s"`))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("transcribe: %w", err)
	}
	return nil
}

// open returns the transcriber of an agent at an endpoint, nil when there is none.
func (t *Transcribe) open(agent Endpoint) *transcriber {
	if t == nil {
		return nil
	}
	const defaultTimeout = time.Minute
	tr := &transcriber{endpoint: t.Endpoint, model: t.Model, timeout: t.Timeout}
	if tr.endpoint.BaseURL == "" {
		tr.endpoint = agent
	}
	if tr.timeout == 0 {
		tr.timeout = defaultTimeout
	}
	tr.secrets = hiding(tr.endpoint.secrets())
	return tr
}

// transcriber has sounds transcribed.
type transcriber struct {
	endpoint Endpoint
	model    string
	timeout  time.Duration
	secrets  *strings.Replacer
}

// recording is a sound.
type recording struct {
	data            []byte
	name, mediaType string
}

// extension is the end of a file's name that may be handed on.
var extension = regexp.MustCompile(`\.[A-Za-z0-9]{1,5}$`)

// fileName returns a name whose end tells the format, which is what servers go by. Nothing else
// of the file's own name is told.
func (r recording) fileName() string {
	end := extension.FindString(r.name)
	if end == "" {
		end = extensionOf(r.mediaType)
	}
	return "audio" + end
}

// extensionOf returns the end of a file's name for a media type.
func extensionOf(mediaType string) string {
	switch mediaType {
	case "audio/mpeg", "audio/mp3":
		return ".mp3"
	case "audio/mp4", "audio/x-m4a", "audio/m4a", "audio/aac":
		return ".m4a"
	case "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave":
		return ".wav"
	case "audio/webm":
		return ".webm"
	case "audio/flac", "audio/x-flac":
		return ".flac"
	}
	return ".ogg" // what messengers record
}

// transcribe returns what is said in a recording. Its errors are of type *channels.Error. One
// whose code is not permanent may be gone later.
func (t *transcriber) transcribe(ctx context.Context, client *http.Client, r recording) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	req, err := t.newRequest(ctx, r)
	if err != nil {
		return "", t.failed(channels.CodeInternal, 0, err)
	}
	res, err := client.Do(req)
	if err != nil {
		return "", t.failed(channels.CodeUnavailable, agents.DefaultRetryAfter, agents.ConnectionError(err))
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxTranscript+1))
	switch {
	case err != nil:
		return "", t.failed(channels.CodeUnavailable, agents.DefaultRetryAfter, agents.ConnectionError(err))
	case res.StatusCode != http.StatusOK:
		return "", t.statusError(res, readErrorPage(data))
	}
	var answer struct {
		Text *string `json:"text"`
	}
	if len(data) > maxTranscript || json.Unmarshal(data, &answer) != nil || answer.Text == nil {
		return "", t.failed(channels.CodeFailedPrecondition, 0, errors.New("the answer has no text"))
	}
	return strings.TrimSpace(*answer.Text), nil
}

// newRequest returns the form that the API takes.
func (t *transcriber) newRequest(ctx context.Context, r recording) (*http.Request, error) {
	var body bytes.Buffer // which does not fail
	form := multipart.NewWriter(&body)
	_ = form.WriteField("model", t.model)
	_ = form.WriteField("response_format", "json")
	file, _ := form.CreateFormFile("file", r.fileName())
	_, _ = file.Write(r.data)
	_ = form.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.endpoint.address("audio", "transcriptions"), &body)
	if err != nil {
		return nil, errors.New("base_url: not an address")
	}
	t.endpoint.setHeaders(req.Header)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Accept", "application/json")
	return req, nil
}

// statusError returns the error of a status other than 200. A request that is refused as it is
// would be refused again.
func (t *transcriber) statusError(res *http.Response, page *apiError) error {
	code := channels.CodeUnavailable
	switch codeOf(res.StatusCode) { // the others may be gone later
	case channels.CodeFailedPrecondition, channels.CodeTooLarge:
		code = channels.CodeFailedPrecondition
	}
	cause := fmt.Errorf("status %d", res.StatusCode)
	if words := page.cause(t.secrets); words != nil && res.StatusCode != http.StatusUnauthorized { // those quote a part of the key
		cause = fmt.Errorf("%w: %w", cause, words)
	}
	return t.failed(code, max(readRetryAfter(res.Header), agents.DefaultRetryAfter), cause)
}

func (t *transcriber) failed(code channels.Code, after time.Duration, err error) error {
	return &channels.Error{Code: code, Message: "agent openai: a sound cannot be transcribed", RetryAfter: after, Err: err}
}
