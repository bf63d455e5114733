package slack

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// textLimit is how long a text may be, as mrkdwn: all blocks of a message together take about
// 13,200 characters. https://github.com/slackapi/bolt-js/issues/2509
func textLimit() markup.Limit { return markup.Limit{Max: 11_000} }

// Fit cuts texts, makes of each card a picture and a text with buttons, and lists buttons as
// text where there are too many for a menu. Choices stand for payloads that are too long. A text
// of Markdown that needs no cut stays what it is: Slack's streams take Markdown, and Send renders
// it.
func (c *Channel) Fit(p channels.Part) []channels.Part { return channels.FitCards(p, fitText) }

func fitText(p channels.Part) []channels.Part {
	choices, links, menu := split(p.Reply.Menu())
	most := maxButtonValue
	if menu {
		most = maxOptionValue
	}
	lists := len(choices) > maxOptions || len(links) >= maxButtons && menu || len(links) > maxButtons
	return channels.FitMenu(p, lists, channels.NeedChoices(choices, most, channels.UnitRunes), cut)
}

// cut cuts a text. What was Markdown and is cut is mrkdwn afterwards.
func cut(p channels.Part) []channels.Part {
	markdown := p.Reply.Format == channels.FormatMarkdown
	if text := markup.Render(markup.Slack, p.Reply.Text); markdown && strings.TrimSpace(text) != "" && channels.UnitRunes.Len(text) <= textLimit().Max {
		return []channels.Part{p}
	}
	parts := markup.Fit(p, markup.Slack, textLimit())
	for i := range parts {
		if r := &parts[i].Reply; markdown {
			extra := map[string]json.RawMessage{isMrkdwn: json.RawMessage("true")}
			maps.Copy(extra, r.Extra)
			r.Format, r.Extra = channels.FormatPlain, extra
		}
	}
	return parts
}

// Chooses reports true: see Fit.
func (c *Channel) Chooses() bool { return true }
