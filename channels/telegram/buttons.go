package telegram

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// The key button_type of Rasa's replies, and its values. Any other one means inline.
const (
	buttonType = "button_type"

	typeVertical = "vertical"
	typeReply    = "reply"
)

// keyboardButton is a button of either keyboard. Pressing an inline one opens a link, or sends the
// payload, or where that is too long the key that stands for it.
// https://core.telegram.org/bots/api#inlinekeyboardbutton
type keyboardButton struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// keyboard returns the reply_markup of a part, nil without buttons.
func keyboard(r *channels.Reply) any {
	kind, perRow := r.ExtraText(buttonType), maxButtonsPerRow
	if kind == typeVertical || kind == typeReply {
		perRow = 1
	}
	var shown []keyboardButton
	for _, b := range r.Menu() {
		button := keyboardButton{Text: b.Label(maxText)}
		switch {
		case button.Text == "":
			continue // there is nothing to show
		case kind != typeReply:
			if button.Data = b.Value(maxCallbackData, channels.UnitBytes); button.Data == "" {
				button.URL = b.Link()
			}
		}
		shown = append(shown, button)
	}
	rows := slices.Collect(slices.Chunk(shown, perRow))
	switch {
	case rows == nil:
		return nil
	case kind == typeReply:
		return params{"keyboard": rows, "one_time_keyboard": true}
	}
	return params{"inline_keyboard": rows}
}
