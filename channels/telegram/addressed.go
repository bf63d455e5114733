package telegram

import (
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// addressing is whether a message of a group is for the bot.
type addressing struct {
	username string // "" while it is not known
	botID    int64
	// ours says that the message names the bot or is a command without a name, foreign that
	// it is a command for another bot.
	ours, foreign bool
}

// address reads the entities of a text and returns it without the bot's name: "/ask@vox_bot when?"
// becomes "/ask when?", and "@vox_bot when?" becomes "when?".
func (a *addressing) address(text string, entities []entity) string {
	var kept strings.Builder
	at := 0
	for _, e := range entities {
		start, end := channels.UnitUTF16.Span(text, e.Offset, e.Length)
		named, cut := text[start:end], end // from cut to end is left out
		switch {
		case named == "":
			continue
		case e.Type == "bot_command":
			if name := strings.IndexByte(named, '@'); name >= 0 {
				if !a.isOurs(named[name+1:]) {
					a.foreign = a.foreign || start == 0
					continue
				}
				cut = start + name
			}
			a.ours = true
		case e.Type == "mention" && a.isOurs(named[1:]):
			a.ours = true
			if start == 0 {
				cut = start
			}
		case e.Type == "text_mention" && e.User != nil && e.User.ID == a.botID:
			a.ours = true
		}
		if cut >= at { // else it overlaps the one before
			kept.WriteString(text[at:cut])
			at = end
		}
	}
	return kept.String() + text[at:]
}

// isOurs reports whether a name is the bot's. While the name is not known, that of any bot is
// taken for it: they all end in "bot". A question that was for another bot is then answered,
// where else one for us would be lost.
func (a *addressing) isOurs(name string) bool {
	if a.username == "" {
		return strings.HasSuffix(strings.ToLower(name), "bot")
	}
	return strings.EqualFold(name, a.username)
}

// addressed returns the text of a message, and why it is not for the bot. In a private chat all are.
func (c *Channel) addressed(m *message) (text, why string) {
	written, entities := m.written()
	if m.Chat.Type == "private" {
		return written, ""
	}
	a := addressing{botID: c.botID, username: c.knownName()}
	text = a.address(written, entities)
	if a.foreign {
		return text, "it is a command for another bot"
	}
	toBot := m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == c.botID && c.botID != 0
	return text, c.config.Groups.Refuses(a.ours || toBot)
}
