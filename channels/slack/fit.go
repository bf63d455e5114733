package slack

import (
	"encoding/json"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// maxText is how long a text may be, as mrkdwn: all blocks of a message together take about
// 13,200 characters. https://github.com/slackapi/bolt-js/issues/2509
const maxText = 11_000

// Fit cuts texts, makes of each card a picture and a text with buttons, and lists buttons as
// text where there are too many for a menu. Choices stand for payloads that are too long. A text
// of Markdown that needs no cut stays what it is: Slack's streams take Markdown, and Send renders
// it.
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
		if len(text.Buttons) == 0 {
			text.Buttons = nil
		}
		var image string
		if json.Unmarshal(r.Elements[i].Extra["image_url"], &image) == nil && image != "" {
			list = append(list, channels.Reply{RecipientID: r.RecipientID, Image: image})
		}
		list = append(list, text)
	}
	return list
}

func fitText(p channels.Part) []channels.Part {
	choices, links := split(buttonsOf(&p.Reply))
	kept := p.Choices // what is fitted stays so
	switch {
	case len(choices) > maxOptions || len(links) > maxButtons || isMenu(choices, links) && len(links) >= maxButtons:
		p = channels.ListChoices(p)
		kept = p.Choices
	case needsKeys(choices, isMenu(choices, links)):
		kept = p.Reply.Choices()
	}
	p.Choices = nil
	parts := cut(p)
	if n := len(parts); n > 0 {
		parts[n-1].Choices = kept
	}
	return parts
}

// needsKeys reports whether what comes back from a choice is not its payload.
func needsKeys(choices []channels.Button, menu bool) bool {
	most := maxButtonValue
	if menu {
		most = maxOptionValue
	}
	for _, b := range choices {
		if keyOf(b, most) != keyOf(b, len(b.Payload)+len(b.Title)) {
			return true
		}
	}
	return false
}

// cut cuts a text. What was Markdown is mrkdwn afterwards.
func cut(p channels.Part) []channels.Part {
	limit := markup.Limit{Max: maxText}
	markdown := p.Reply.Format == channels.FormatMarkdown
	if markdown {
		if text := markup.Render(markup.Slack, p.Reply.Text); strings.TrimSpace(text) != "" && channels.UnitRunes.Len(text) <= maxText {
			return []channels.Part{p}
		}
	}
	parts := markup.Fit(p, markup.Slack, limit)
	for i := range parts {
		if r := &parts[i].Reply; markdown && r.Format == channels.FormatMarkdown {
			r.Format, r.Extra = channels.FormatPlain, withMrkdwn(r.Extra)
		}
	}
	return parts
}

func withMrkdwn(extra map[string]json.RawMessage) map[string]json.RawMessage {
	with := map[string]json.RawMessage{isMrkdwn: json.RawMessage("true")}
	for key, value := range extra {
		with[key] = value
	}
	return with
}

// Chooses reports true: see Fit.
func (c *Channel) Chooses() bool { return true }
