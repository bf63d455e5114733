package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// The functions that the model may call to show more than text.
const (
	toolButtons = "show_buttons"
	toolImage   = "show_image"
	toolCustom  = "show_custom"
)

const (
	// maxCalls is how many functions are called in one answer, and maxButtons how many buttons
	// are shown by one.
	maxCalls   = 20
	maxButtons = 50
)

// tools declares the functions: https://platform.openai.com/docs/guides/function-calling
const tools = `[
{"type":"function","function":{"name":"show_buttons","description":"Ends your answer with buttons below a text. What the user presses is the user's next message. Use it where the user shall choose between a few things.","parameters":{"type":"object","properties":{"text":{"type":"string","description":"the text above the buttons"},"buttons":{"type":"array","items":{"type":"object","properties":{"title":{"type":"string","description":"what the button shows: a few words"},"payload":{"type":"string","description":"the user's next message when the button is pressed; without it the title"}},"required":["title"]}}},"required":["text","buttons"]}}},
{"type":"function","function":{"name":"show_image","description":"Shows an image whose address you know.","parameters":{"type":"object","properties":{"url":{"type":"string","description":"the address of the image, beginning with https://"},"caption":{"type":"string"}},"required":["url"]}}},
{"type":"function","function":{"name":"show_custom","description":"Hands JSON to the user's program. Use it only where you were told what it takes.","parameters":{"type":"object","properties":{"data":{"type":"object"}},"required":["data"]}}}
]`

// toolCall is a piece of a call, or the whole of it.
type toolCall struct {
	// Index tells the calls of an answer apart. Some servers leave it out.
	Index    *int `json:"index"`
	Function struct {
		Name      string    `json:"name"`
		Arguments arguments `json:"arguments"`
	} `json:"function"`
}

// arguments are JSON in a text, which some servers send as JSON itself.
type arguments string

// UnmarshalJSON reads either.
func (a *arguments) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, (*string)(a)) != nil {
		*a = arguments(data)
	}
	return nil
}

// call is a call that the model makes.
type call struct {
	index     int
	name      string
	arguments strings.Builder
}

// calls are those of one answer, in order.
type calls []*call

// take takes a piece of a call. A piece without an index begins a call where it has a name, and
// else goes on with the last.
func (c *calls) take(t toolCall) error {
	var to *call
	for _, known := range *c {
		if t.Index != nil && known.index == *t.Index || t.Index == nil && t.Function.Name == "" {
			to = known
		}
	}
	if to == nil {
		if len(*c) == maxCalls {
			return badAnswer("it calls more than %d functions", maxCalls)
		}
		to = &call{index: len(*c)}
		if t.Index != nil {
			to.index = *t.Index
		}
		*c = append(*c, to)
	}
	if t.Function.Name != "" {
		to.name = t.Function.Name
	}
	to.arguments.WriteString(string(t.Function.Arguments))
	return nil
}

// reply returns what a call shows.
func (c *call) reply() (channels.Reply, error) {
	var (
		r   channels.Reply
		err error
	)
	switch c.name {
	case toolButtons:
		r, err = buttonsReply(c.arguments.String())
	case toolImage:
		r, err = imageReply(c.arguments.String())
	case toolCustom:
		r, err = customReply(c.arguments.String())
	default:
		err = fmt.Errorf("there is no function %.40q", c.name)
	}
	if err != nil {
		return r, badAnswer("a call of a function: %w", err)
	}
	return r, nil
}

var errNoArguments = errors.New("its arguments are not those that were declared")

func buttonsReply(args string) (channels.Reply, error) {
	var keys struct {
		Text    string `json:"text"`
		Buttons []struct {
			Title   string `json:"title"`
			Payload string `json:"payload"`
		} `json:"buttons"`
	}
	if json.Unmarshal([]byte(args), &keys) != nil || len(keys.Buttons) == 0 || len(keys.Buttons) > maxButtons {
		return channels.Reply{}, errNoArguments
	}
	r := channels.Reply{Text: keys.Text, Format: channels.FormatMarkdown}
	for _, b := range keys.Buttons {
		if b.Title == "" {
			return channels.Reply{}, errNoArguments
		}
		if b.Payload == "" {
			b.Payload = b.Title
		}
		r.Buttons = append(r.Buttons, channels.Button{Title: b.Title, Payload: b.Payload})
	}
	return r, nil
}

func imageReply(args string) (channels.Reply, error) {
	var keys struct {
		URL     string `json:"url"`
		Caption string `json:"caption"`
	}
	if json.Unmarshal([]byte(args), &keys) != nil || !strings.HasPrefix(keys.URL, "https://") && !strings.HasPrefix(keys.URL, "http://") {
		return channels.Reply{}, errNoArguments
	}
	return channels.Reply{Text: keys.Caption, Format: channels.FormatMarkdown, Image: keys.URL}, nil
}

func customReply(args string) (channels.Reply, error) {
	var keys struct {
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal([]byte(args), &keys) != nil || len(keys.Data) == 0 || string(keys.Data) == "null" {
		return channels.Reply{}, errNoArguments
	}
	return channels.Reply{Custom: keys.Data}, nil
}

// withText puts the text of an answer in front of what its calls show: above the buttons that
// come first, where those have no text or the same, and else as a reply of its own.
func withText(text string, shown []channels.Reply) []channels.Reply {
	if strings.TrimSpace(text) == "" {
		return shown
	}
	if len(shown) > 0 && shown[0].Buttons != nil && (shown[0].Text == "" || strings.TrimSpace(shown[0].Text) == strings.TrimSpace(text)) {
		shown[0].Text = text
		return shown
	}
	return append([]channels.Reply{{Text: text, Format: channels.FormatMarkdown}}, shown...)
}

var _ json.Unmarshaler = (*arguments)(nil)
