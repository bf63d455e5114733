package telegram

import (
	"cmp"
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// The values of Rasa's button_type. Any other one means inline.
const (
	typeVertical = "vertical"
	typeReply    = "reply"
)

// buttonsOf returns the buttons of a part, whatever it calls them.
func buttonsOf(r *channels.Reply) []channels.Button {
	if len(r.QuickReplies) > 0 {
		return r.QuickReplies
	}
	return r.Buttons
}

// typeOf returns the button_type of a reply, "" for none.
func typeOf(r *channels.Reply) (name string) {
	if raw, ok := r.Extra["button_type"]; ok && json.Unmarshal(raw, &name) != nil {
		return ""
	}
	return name
}

// needsChoices reports whether what comes back from a button is not its payload.
func needsChoices(r *channels.Reply, buttons []channels.Button) bool {
	for _, b := range buttons {
		if typeOf(r) == typeReply || len(payloadOf(b)) > maxCallbackData {
			return true
		}
	}
	return false
}

func payloadOf(b channels.Button) string { return cmp.Or(b.Payload, b.Title) }

// keyboardButton is a button of either keyboard.
// https://core.telegram.org/bots/api#inlinekeyboardbutton
type keyboardButton struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// keyboard returns the reply_markup of a part, nil without buttons.
func keyboard(r *channels.Reply) any {
	buttons := buttonsOf(r)
	perRow := maxButtonsPerRow
	kind := typeOf(r)
	if kind == typeVertical || kind == typeReply {
		perRow = 1
	}
	var rows [][]keyboardButton
	for _, b := range buttons {
		shown := keyboardButton{Text: cmp.Or(b.Title, b.Payload)}
		if kind != typeReply {
			shown.press(b)
		}
		if shown.Text == "" {
			continue // there is nothing to show
		}
		if n := len(rows); n > 0 && len(rows[n-1]) < perRow {
			rows[n-1] = append(rows[n-1], shown)
		} else {
			rows = append(rows, []keyboardButton{shown})
		}
	}
	switch {
	case rows == nil:
		return nil
	case kind == typeReply:
		return map[string]any{"keyboard": rows, "one_time_keyboard": true}
	}
	return map[string]any{"inline_keyboard": rows}
}

// press sets what pressing an inline button does: it opens a link, or sends the payload, or
// where that is too long the key that stands for it.
func (k *keyboardButton) press(b channels.Button) {
	if raw, ok := b.Extra["url"]; ok && b.Payload == "" && json.Unmarshal(raw, &k.URL) == nil && k.URL != "" {
		return
	}
	k.URL = ""
	if k.Data = payloadOf(b); len(k.Data) > maxCallbackData {
		k.Data = channels.ChoiceKey(k.Data)
	}
}
