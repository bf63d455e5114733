package slack

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// What blocks may hold. https://docs.slack.dev/reference/block-kit
const (
	maxSection      = 3000
	maxAlt          = 2000
	maxButtons      = 25 // in a block
	maxButtonText   = 75
	maxButtonValue  = 2000
	maxOptions      = 100 // in a menu
	maxOptionValue  = 150
	maxButtonURL    = 3000
	maxPostText     = 4000 // bytes: above it Slack advises against, and refuses, to change one
	noText          = "…"
	menuPlaceholder = "…"
)

// isMrkdwn is the key by which Fit, or an assistant, says that a text is mrkdwn, also where Rasa
// shows plain text: above buttons.
const isMrkdwn = "mrkdwn"

// textOf returns a text, with its buttons below. A short one is a text, as Rasa sends it. A long
// one, or one with buttons, is in blocks, and its beginning is what a notification shows.
func textOf(r *channels.Reply) params {
	text, kind := r.Text, "plain_text"
	if r.Format == channels.FormatMarkdown {
		text, kind = markup.Render(markup.Slack, r.Text), "mrkdwn"
	} else if string(r.Extra[isMrkdwn]) == "true" {
		kind = "mrkdwn"
	}
	below := buttonBlocks(buttonsOf(r))
	switch {
	case strings.TrimSpace(text) == "":
		return params{"text": noText, "blocks": orNil(below)}
	case below == nil && len(text) <= maxPostText:
		return params{"text": text}
	case below == nil:
		kind = "mrkdwn"
	}
	return params{"text": first(text), "blocks": append(sections(text, kind), below...)}
}

// first returns the beginning of a text, for a notification.
func first(text string) string {
	if len(text) <= maxPostText {
		return text
	}
	return markup.CutText(text, markup.Limit{Max: maxSection, Unit: channels.UnitBytes})[0] + " …"
}

func orNil(blocks []any) any {
	if blocks == nil {
		return nil
	}
	return blocks
}

// sections returns the blocks that show a text.
func sections(text, kind string) (blocks []any) {
	for _, piece := range markup.CutText(text, markup.Limit{Max: maxSection}) {
		blocks = append(blocks, params{"type": "section", "text": params{"type": kind, "text": piece}})
	}
	return blocks
}

// buttonsOf returns the buttons of a part, whatever it calls them.
func buttonsOf(r *channels.Reply) []channels.Button {
	if len(r.QuickReplies) > 0 {
		return r.QuickReplies
	}
	return r.Buttons
}

// linkOf returns the address that a button opens, "" when it says something instead.
func linkOf(b *channels.Button) (address string) {
	if raw, ok := b.Extra["url"]; !ok || json.Unmarshal(raw, &address) != nil || len(address) > maxButtonURL {
		return ""
	}
	return address
}

// split takes apart the buttons that are choices and those that are links.
func split(buttons []channels.Button) (choices, links []channels.Button) {
	for _, b := range buttons {
		switch {
		case b.Payload == "" && linkOf(&b) != "":
			links = append(links, b)
		case b.Payload != "" || b.Title != "":
			choices = append(choices, b)
		}
	}
	return choices, links
}

// isMenu reports whether there are too many choices for buttons.
func isMenu(choices, links []channels.Button) bool { return len(choices)+len(links) > maxButtons }

// buttonBlocks returns the block with the buttons; above 25 a menu with the choices, and the
// links as buttons.
func buttonBlocks(buttons []channels.Button) []any {
	choices, links := split(buttons)
	var elements []any
	if isMenu(choices, links) && len(choices) > 0 {
		var options []any
		for _, b := range choices {
			options = append(options, params{"text": plain(b), "value": keyOf(b, maxOptionValue)})
		}
		elements = append(elements, params{"type": "static_select", "placeholder": params{"type": "plain_text", "text": menuPlaceholder}, "options": options})
		buttons = links
	}
	for _, b := range buttons {
		if e := button(b); e != nil {
			elements = append(elements, e)
		}
	}
	if elements == nil {
		return nil
	}
	return []any{params{"type": "actions", "elements": elements}}
}

// button returns a button, nil for one that shows nothing. It is Rasa's, and may have a style.
func button(b channels.Button) any {
	e := params{"type": "button", "text": plain(b)}
	if address := linkOf(&b); address != "" {
		e["url"] = address
	}
	if payload := cmp.Or(b.Payload, b.Title); payload != "" && (b.Payload != "" || e["url"] == nil) {
		e["value"] = keyOf(b, maxButtonValue)
	}
	if e["value"] == nil && e["url"] == nil {
		return nil
	}
	if style := string(b.Extra["style"]); style == `"primary"` || style == `"danger"` {
		e["style"] = b.Extra["style"]
	}
	return e
}

// plain returns what stands on a button, cut where it is too long.
func plain(b channels.Button) params {
	text := cmp.Or(b.Title, b.Payload, linkOf(&b))
	if short := channels.UnitRunes.Prefix(text, maxButtonText); short != text {
		text = channels.UnitRunes.Prefix(text, maxButtonText-1) + "…"
	}
	return params{"type": "plain_text", "text": text}
}

// keyOf returns what comes back from a choice: its payload, or where that is too long the key
// that stands for it.
func keyOf(b channels.Button, most int) string {
	payload := cmp.Or(b.Payload, b.Title)
	if channels.UnitRunes.Len(payload) > most {
		return channels.ChoiceKey(payload)
	}
	return payload
}
