package channels

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
)

// Chooser is the role of a Fitter whose parts may have Choices. The door then turns what
// the user sends back, a key, a number or a title, into the payload.
type Chooser interface {
	Fitter
	// Chooses reports whether Fit may give a part choices. It is asked of the open channel,
	// and answers always the same. Where it reports false, a part with choices is an error.
	Chooses() bool
}

// Choice is one of the things that a part lets the user choose from.
type Choice struct {
	// Key stands for the payload where the platform's own is too short: see ChoiceKey.
	Key string `json:"key"`
	// Title is what the user sees, and may write.
	Title string `json:"title"`
	// Payload is the text of the message that the choice becomes.
	Payload string `json:"payload"`
}

// choiceKeyBytes is how much of the hash is the key: 96 bits. A key is looked up among the
// choices of one conversation's last parts only. There two of 1,000 payloads have one key
// with a chance of 1 in 10^23. And who could write two payloads that do would only choose
// wrongly in a conversation of their own.
const choiceKeyBytes = 12

// ChoiceKey returns the key of a payload: 16 letters, digits, "-" and "_", the same for the
// same payload.
func ChoiceKey(payload string) string {
	sum := sha256.Sum256([]byte(payload))
	return base64.RawURLEncoding.EncodeToString(sum[:choiceKeyBytes])
}

// Choices returns what the reply's buttons, its quick replies or those of its elements let
// the user choose, in order. A button without a payload stands for its title, unless it is
// a link.
func (r *Reply) Choices() (all []Choice) {
	for _, b := range r.allButtons() {
		if payload, ok := b.Choice(); ok {
			all = append(all, Choice{Key: ChoiceKey(payload), Title: b.Title, Payload: payload})
		}
	}
	return all
}

// Menu returns the quick replies, which win over buttons, or else the buttons.
func (r *Reply) Menu() []Button {
	if len(r.QuickReplies) > 0 {
		return r.QuickReplies
	}
	return r.Buttons
}

// allButtons returns the quick replies, which win over buttons, and the elements' buttons.
func (r *Reply) allButtons() []Button {
	all := r.Menu()
	for _, e := range r.Elements {
		all = append(all[:len(all):len(all)], e.Buttons...)
	}
	return all
}

// Choice returns what choosing the button says. It is not ok for a link, which says
// nothing, and for a button that is empty.
func (b *Button) Choice() (payload string, ok bool) {
	switch {
	case b.Payload != "":
		return b.Payload, true
	case b.Link() != "":
		return "", false
	}
	return b.Title, b.Title != ""
}

// Link returns the button's url, "" when it has none.
func (b *Button) Link() (url string) {
	if raw, ok := b.Extra["url"]; ok && json.Unmarshal(raw, &url) != nil {
		return ""
	}
	return url
}

// FitMenu is for the Fit of a platform with buttons. Lists says that a part has too many of them,
// so that they stand in the text: see ListChoices. Keys says that what comes back from one is not
// its payload: see NeedChoices. Cut cuts the text, and its last piece keeps the buttons; that one
// gets the Choices. What is fitted stays so.
func FitMenu(p Part, lists, keys bool, cut func(Part) []Part) []Part {
	choices := p.Choices
	switch {
	case lists:
		p = ListChoices(p)
		choices = p.Choices
	case keys:
		choices = p.Reply.Choices()
	}
	p.Choices = nil
	parts := cut(p)
	if n := len(parts); n > 0 {
		parts[n-1].Choices = choices
	}
	return parts
}

// ListChoices is for the Fit of a platform without buttons. It returns the part as a text
// that lists its buttons or quick replies below, "1. Title" each, with the choices; links
// stand there with their url. A part of another kind it returns as it is. The text may be
// longer than the platform takes: where Fit cuts it, the last piece keeps the Choices.
func ListChoices(p Part) Part {
	if kind := p.Kind(); kind != KindButtons && kind != KindQuickReplies {
		return p
	}
	p.Choices = p.Reply.Choices()
	var lines []string
	if p.Reply.Text != "" {
		lines = append(lines, p.Reply.Text)
	}
	n := 0
	for _, b := range p.Reply.allButtons() {
		if _, ok := b.Choice(); ok {
			n++
			lines = append(lines, strconv.Itoa(n)+". "+b.Title)
		} else if url := b.Link(); url != "" {
			lines = append(lines, strings.TrimPrefix(b.Title+": ", ": ")+url)
		}
	}
	p.Reply.Text = strings.Join(lines, "\n")
	p.Reply.Buttons, p.Reply.QuickReplies = nil, nil
	return p
}
