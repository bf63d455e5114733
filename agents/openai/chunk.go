package openai

import (
	"encoding/json"
	"strings"
)

// chunk is a piece of an answer, or, where a server does not stream, the whole:
// https://platform.openai.com/docs/api-reference/chat-streaming/streaming
type chunk struct {
	Choices []choice        `json:"choices"`
	Usage   *Usage          `json:"usage"`
	Error   json.RawMessage `json:"error"`
}

// choice is one of the answers. There is one, unless a server gives more than it was asked for.
type choice struct {
	Index int `json:"index"`
	// Delta is of a piece, Message of a whole answer.
	Delta        answerMessage `json:"delta"`
	Message      answerMessage `json:"message"`
	FinishReason string        `json:"finish_reason"`
}

// answerMessage is what is read of a message of the model. Its reasoning, whatever the key, is
// not.
type answerMessage struct {
	Content content `json:"content"`
	// Refusal is a text by which the model says that it will not answer.
	Refusal string `json:"refusal"`
	// ToolCalls are functions that the model calls.
	ToolCalls []toolCall `json:"tool_calls"`
}

// content is a text, which some servers send in parts that have a type.
type content string

// UnmarshalJSON reads a text, or of a list the parts that are text.
func (c *content) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil { // null too
		*c = content(text)
		return nil
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	var b strings.Builder
	for _, p := range parts {
		if p.Type == "text" {
			b.WriteString(p.Text)
		}
	}
	*c = content(b.String())
	return nil
}

var _ json.Unmarshaler = (*content)(nil)
