package telegram

import (
	"strings"
	"unicode/utf16"
)

// addressing is whether a message of a group is for the bot, and its text without the bot's
// name.
type addressing struct {
	username string // "" while it is not known
	botID    int64
	text     []uint16
	// ours says that the message names the bot or is a command without a name, foreign that
	// it is a command for another bot.
	ours, foreign bool
}

// address reads the entities of a text: "/ask@vox_bot when?" becomes "/ask when?", and "@vox_bot
// when?" becomes "when?".
func (a *addressing) address(text string, entities []entity) string {
	a.text = utf16.Encode([]rune(text))
	var cut []entity
	for _, e := range entities {
		named := e.of(a.text)
		switch {
		case named == "":
		case e.Type == "bot_command":
			_, name, has := strings.Cut(named, "@")
			switch {
			case has && !a.isOurs(name):
				a.foreign = a.foreign || e.Offset == 0
				continue
			case has:
				cut = append(cut, entity{Offset: e.Offset + e.Length - utf16Len(name) - 1, Length: utf16Len(name) + 1})
			}
			a.ours = true
		case e.Type == "mention" && a.isOurs(named[1:]):
			a.ours = true
			if e.Offset == 0 {
				cut = append(cut, e)
			}
		case e.Type == "text_mention" && e.User != nil && e.User.ID == a.botID:
			a.ours = true
		}
	}
	return a.without(cut)
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

// without returns the text without the pieces, which are in order.
func (a *addressing) without(cut []entity) string {
	at, kept := 0, make([]uint16, 0, len(a.text))
	for _, e := range cut {
		if e.Offset < at { // one that overlaps
			continue
		}
		kept = append(kept, a.text[at:e.Offset]...)
		at = e.Offset + e.Length
	}
	return string(utf16.Decode(append(kept, a.text[at:]...)))
}

func utf16Len(text string) int { return len(utf16.Encode([]rune(text))) }

// isAddressed reports whether a message is for the bot, and returns its text. In a private
// chat all are.
func (c *Channel) isAddressed(m *message) (text string, ok bool) {
	written, entities := m.written()
	if m.Chat.Type == "private" {
		return written, true
	}
	a := addressing{botID: c.botID}
	if name := c.username.Load(); name != nil {
		a.username = *name
	}
	text = a.address(written, entities)
	switch {
	case a.foreign:
		return text, false
	case c.config.Groups == groupsAll || a.ours:
		return text, true
	}
	return text, m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == c.botID && c.botID != 0
}
