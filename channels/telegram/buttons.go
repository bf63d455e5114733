package telegram

import (
	"cmp"
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// The key button_type of Rasa's replies, and its values. Any other one means inline.
const (
	buttonType = "button_type"

	typeVertical = "vertical"
	typeReply    = "reply"
)

// needsChoices reports whether what comes back from a button is not its payload.
func needsChoices(r *channels.Reply) bool {
	return len(r.Menu()) > 0 && r.ExtraText(buttonType) == typeReply ||
		slices.ContainsFunc(r.Menu(), func(b channels.Button) bool { payload, _ := b.Choice(); return len(payload) > maxCallbackData })
}

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
		button := keyboardButton{Text: cmp.Or(b.Title, b.Payload)}
		payload, ok := b.Choice()
		switch {
		case button.Text == "":
			continue // there is nothing to show
		case kind == typeReply:
		case !ok:
			button.URL = b.Link()
		case len(payload) > maxCallbackData:
			button.Data = channels.ChoiceKey(payload)
		default:
			button.Data = payload
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
