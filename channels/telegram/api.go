package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// params are the parameters of a call. Nil values are left out. An upload is sent as a file.
type params map[string]any

// upload is a file that is sent with a call.
type upload struct {
	name, mime string
	data       []byte
}

// api calls the Bot API.
type api struct {
	client *channels.Client
	base   string
	token  channels.Secret
}

// call makes one call and returns its result. Its error is a *channels.SendError whose cause,
// where Telegram has answered, is an *apiError; or the end of ctx. No error holds the token.
// https://core.telegram.org/bots/api#making-requests
func (a *api) call(ctx context.Context, method string, p params) (json.RawMessage, error) {
	body, contentType, err := p.encode()
	if err != nil {
		return nil, &channels.SendError{Class: channels.SendRejected, Err: errors.New("a parameter is not JSON")}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+"/bot"+a.token.Reveal()+"/"+method, bytes.NewReader(body))
	if err != nil { // it would quote the token
		return nil, &channels.SendError{Class: channels.SendRejected, Err: errors.New("the address of the Bot API cannot be used")}
	}
	req.Header.Set("Content-Type", contentType)
	res, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	result, err := readAnswer(res)
	var e *apiError
	if errors.As(err, &e) { // a server of one's own may echo it
		e.Description = strings.ReplaceAll(e.Description, a.token.Reveal(), "<secret>")
	}
	return result, err
}

// readAnswer returns the result of a call, or the error that Telegram answers with.
func readAnswer(res *http.Response) (json.RawMessage, error) {
	var answer struct {
		OK     bool            `json:"ok"`
		Result json.RawMessage `json:"result"`
		apiError
	}
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err // of class unknown
	}
	switch {
	case json.Unmarshal(data, &answer) != nil || !answer.OK && answer.Code == 0: // a proxy's page
		if err := channels.CheckResponse(res); err != nil {
			return nil, err
		}
		return nil, &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the answer is not one of the Bot API")}
	case answer.OK:
		return answer.Result, nil
	}
	return nil, answer.sendError()
}

// encode returns the body: JSON, or a form when a file goes with it.
func (p params) encode() (body []byte, contentType string, err error) {
	plain := map[string]any{}
	files := map[string]*upload{}
	for name, value := range p {
		if file, ok := value.(*upload); ok {
			files[name] = file
		} else if value != nil {
			plain[name] = value
		}
	}
	if len(files) == 0 {
		body, err = channels.Marshal(plain)
		return body, "application/json", err
	}
	return encodeForm(plain, files)
}

// encodeForm writes multipart/form-data. A value that is no text is there as JSON.
func encodeForm(plain map[string]any, files map[string]*upload) ([]byte, string, error) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	var errs []error
	for name, value := range plain {
		text, ok := value.(string)
		if !ok {
			encoded, err := channels.Marshal(value)
			text, errs = string(encoded), append(errs, err)
		}
		errs = append(errs, form.WriteField(name, text))
	}
	for name, file := range files {
		w, err := form.CreateFormFile(name, file.name)
		if err == nil {
			_, err = w.Write(file.data)
		}
		errs = append(errs, err)
	}
	errs = append(errs, form.Close())
	return b.Bytes(), form.FormDataContentType(), errors.Join(errs...)
}

// call calls a method about a chat, that of a sender. When the group has become a supergroup,
// the call is made once more, with the new id.
func (c *Channel) call(ctx context.Context, sender, method string, p params) (json.RawMessage, error) {
	chat, topic := splitSender(sender)
	if p["chat_id"] == nil {
		p["chat_id"] = c.chatID(chat)
		if topic != 0 {
			p["message_thread_id"] = topic
		}
	}
	result, err := c.api.call(ctx, method, p)
	var e *apiError
	if !errors.As(err, &e) || e.Parameters.MigrateToChatID == 0 || p["chat_id"] == e.Parameters.MigrateToChatID {
		return result, err
	}
	c.moved.add(chat, e.Parameters.MigrateToChatID)
	p["chat_id"] = e.Parameters.MigrateToChatID
	return c.api.call(ctx, method, p)
}

// chatID returns the chat_id of a chat: a number, or a channel's @name.
func (c *Channel) chatID(chat string) any {
	if to, ok := c.moved.find(chat); ok {
		return to
	}
	if id := parseID(chat); id != 0 {
		return id
	}
	return chat
}
