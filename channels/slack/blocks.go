package slack

import (
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// What blocks may hold. https://docs.slack.dev/reference/block-kit
const (
	maxSection, maxAlt                        = 3000, 2000
	maxButtons, maxButtonText, maxButtonValue = 25, 75, 2000
	maxOptions, maxOptionValue                = 100, 150 // in a menu
	// How long a text may be that is in no block, in bytes: whatever Fit leaves, but chat.update
	// takes less.
	maxPosted, maxUpdated = 44_000, 4_000
	// noText stands where Slack wants a text and there is none.
	noText = "…"
)

// isMrkdwn is the key by which Fit, or an assistant, says that a text is mrkdwn, also where Rasa
// shows plain text: above buttons.
const isMrkdwn = "mrkdwn"

// textOf returns a text, with its buttons below. One that is no longer than most is a text, as Rasa
// sends it. Another, or one with buttons, is in blocks, and its beginning is what a notification shows.
func textOf(r *channels.Reply, most int) params {
	text, kind := r.Text, "plain_text"
	if r.Format == channels.FormatMarkdown {
		text, kind = markup.Render(markup.Slack, r.Text), "mrkdwn"
	}
	below := buttonBlocks(r.Menu())
	switch {
	case strings.TrimSpace(text) == "" && below != nil:
		return params{"text": noText, "blocks": below}
	case strings.TrimSpace(text) == "":
		return params{"text": noText}
	case below == nil && len(text) <= most:
		return params{"text": text}
	case below == nil || string(r.Extra[isMrkdwn]) == "true":
		kind = "mrkdwn"
	}
	var blocks []any
	pieces := markup.CutText(text, markup.Limit{Max: maxSection})
	if r.Format == channels.FormatMarkdown { // a code block that is cut is closed and opened again
		pieces = markup.Cut(markup.Slack, r.Text, markup.Limit{Max: maxSection})
	}
	for _, piece := range pieces {
		blocks = append(blocks, params{"type": "section", "text": params{"type": kind, "text": piece}})
	}
	return params{"text": pieces[0], "blocks": append(blocks, below...)}
}

// split takes apart the buttons that are choices and those that are links, and reports whether
// there are too many for buttons: then the choices are a menu.
func split(buttons []channels.Button) (choices, links []channels.Button, menu bool) {
	for _, b := range buttons {
		if _, ok := b.Choice(); ok {
			choices = append(choices, b)
		} else if b.Link() != "" {
			links = append(links, b)
		}
	}
	return choices, links, len(choices) > 0 && len(choices)+len(links) > maxButtons
}

// buttonBlocks returns the block with the buttons, or the menu and the links; nil without any.
func buttonBlocks(buttons []channels.Button) []any {
	var elements, options []any
	choices, links, menu := split(buttons)
	for _, b := range choices {
		options = append(options, params{"text": plain(b.Label(maxButtonText)), "value": b.Value(maxOptionValue, channels.UnitRunes)})
	}
	switch {
	case len(choices)+len(links) == 0:
		return nil
	case menu:
		buttons = links
		elements = append(elements, params{"type": "static_select", "placeholder": plain(noText), "options": options})
	}
	for _, b := range buttons {
		e := params{"type": "button", "text": plain(b.Label(maxButtonText))}
		if value := b.Value(maxButtonValue, channels.UnitRunes); value != "" {
			e["value"] = value
		}
		if link := b.Link(); link != "" {
			e["url"] = link
		}
		if style := string(b.Extra["style"]); style == `"primary"` || style == `"danger"` {
			e["style"] = b.Extra["style"]
		}
		if len(e) > 2 {
			elements = append(elements, e)
		}
	}
	return []any{params{"type": "actions", "elements": elements}}
}

func plain(text string) params { return params{"type": "plain_text", "text": text} }
