package telegram

import (
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// What Telegram takes. https://core.telegram.org/bots/api#sendmessage counts characters behind
// the entities; to count UTF-16 with the tags is safe, and only cuts a little early.
const (
	maxText = 4096
	// maxCallbackData is in bytes. https://core.telegram.org/bots/api#inlinekeyboardbutton
	maxCallbackData = 64
	// More buttons are not shown.
	maxButtons       = 100
	maxButtonsPerRow = 8
)

// noText stands above buttons without a text, which Telegram refuses.
const noText = "…"

// Fit cuts texts at 4,096 characters, makes of each card a picture and a text with buttons, and
// lists buttons as text where there are too many. Choices stand for payloads that are too long
// for callback_data, and for those of a reply keyboard, which sends titles.
func (c *Channel) Fit(p channels.Part) []channels.Part {
	if p.Kind() != channels.KindElements {
		return fitText(p)
	}
	var parts []channels.Part
	for _, r := range cards(p.Reply) {
		card := p
		card.Reply = r
		parts = append(parts, fitText(card)...)
	}
	return parts
}

// cards returns what an element is shown as: its picture, if it has one, and what Rasa shows.
func cards(r channels.Reply) (list []channels.Reply) {
	for i, text := range channels.Collected(r) {
		text.Extra = r.Extra
		if len(text.Buttons) == 0 {
			text.Buttons = nil
		}
		var image string
		if json.Unmarshal(r.Elements[i].Extra["image_url"], &image) == nil && image != "" {
			list = append(list, channels.Reply{RecipientID: r.RecipientID, Image: image, Extra: r.Extra})
		}
		list = append(list, text)
	}
	return list
}

func fitText(p channels.Part) []channels.Part {
	var choices []channels.Choice
	switch buttons := buttonsOf(&p.Reply); {
	case len(buttons) > maxButtons:
		p = channels.ListChoices(p)
		choices = p.Choices
	case needsChoices(&p.Reply, buttons):
		choices = p.Reply.Choices()
	default:
		choices = p.Choices // what is fitted stays so
	}
	p.Choices = nil
	parts := markup.Fit(p, markup.Telegram, markup.Limit{Max: maxText, Unit: channels.UnitUTF16})
	if n := len(parts); n > 0 {
		parts[n-1].Choices = choices
	}
	return parts
}

// Chooses reports true: see Fit.
func (c *Channel) Chooses() bool { return true }

// Address returns "": the sender is the address. It is a chat's id, perhaps with a topic behind
// a colon, or a channel's @name.
func (c *Channel) Address(sender string) (string, error) {
	chat, topic := splitSender(sender)
	if parseID(chat) == 0 && (len(chat) < 2 || chat[0] != '@') || sender != chat && topic == 0 {
		return "", channels.Errorf(channels.CodeInvalid, "sender %.40q: expected a chat's id such as 4201, or with a topic -1001234:77", sender)
	}
	return "", nil
}
