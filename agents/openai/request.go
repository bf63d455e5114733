package openai

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// messages returns what the model is told: the prompt, the conversation so far and the message.
func (a *Agent) messages(t agents.Turn, history exchanges, message chatMessage) (list []chatMessage) {
	if system := a.config.System.fill(t); system != "" {
		list = append(list, newMessage(roleSystem, system))
	}
	for _, m := range append(history.messages(), message) {
		list = appendMessage(list, m)
	}
	return list
}

// body returns the JSON of the request. A parameter of the configuration wins over what the
// agent would send; one without a value leaves it out.
func (a *Agent) body(t agents.Turn, messages []chatMessage) ([]byte, error) {
	keys := map[string]any{
		"model": a.config.Model, "messages": messages, "stream": true,
		"stream_options": map[string]bool{"include_usage": true},
		"user":           a.userOf(t.Message.Conversation()),
	}
	if a.config.Tools {
		keys["tools"] = json.RawMessage(tools)
	}
	for name, value := range a.config.Parameters {
		keys[name] = value
		if value == nil {
			delete(keys, name)
		}
	}
	body, err := channels.Marshal(keys)
	if err != nil {
		return nil, &channels.Error{Code: channels.CodeInternal, Message: "agent openai: the request has no JSON form", Err: err}
	}
	return body, nil
}

// userOf names the conversation to the server, which can tell by it who abuses the model, and
// nobody else: a sender may be a telephone number, so its hash has a key.
func (a *Agent) userOf(c channels.Conversation) string {
	const length = 16 // bytes, of which hexadecimal makes twice as many characters, 64 at most
	h := hmac.New(sha256.New, []byte(a.config.APIKey.Reveal()))
	h.Write([]byte(c.Channel + "\x00" + c.Sender))
	return hex.EncodeToString(h.Sum(nil)[:length])
}
