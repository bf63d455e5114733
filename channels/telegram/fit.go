package telegram

import (
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

func textLimit() markup.Limit { return markup.Limit{Max: maxText, Unit: channels.UnitUTF16} }

// noText stands above buttons without a text, which Telegram refuses.
const noText = "…"

// Fit cuts texts at 4,096 characters, makes of each card a picture and a text with buttons, and
// lists buttons as text where there are too many. Choices stand for payloads that are too long
// for callback_data, and for those of a reply keyboard, which sends titles.
func (c *Channel) Fit(p channels.Part) []channels.Part { return channels.FitCards(p, fitText) }

func fitText(p channels.Part) []channels.Part {
	menu := p.Reply.Menu()
	keys := channels.NeedChoices(menu, maxCallbackData, channels.UnitBytes) || len(menu) > 0 && p.Reply.ExtraText(buttonType) == typeReply
	return channels.FitMenu(p, len(menu) > maxButtons, keys, func(p channels.Part) []channels.Part {
		return markup.Fit(p, markup.Telegram, textLimit())
	})
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
