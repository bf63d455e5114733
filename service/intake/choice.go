package intake

import (
	"context"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// maxChoice is the longest text, in bytes, that may be a choice: nobody writes a longer
// title, and the others need not be looked up.
const maxChoice = 512

// Choices knows what a conversation's last parts offer, as journal.Choices does.
type Choices interface {
	Choices(ctx context.Context, c channels.Conversation) ([]journal.Offer, error)
}

// choose replaces the text of an admitted message by the payload that it chooses. Channels
// that offer no choices pay nothing for it. When the journal can't be read, the message is
// not taken: a redelivery does less harm than an answer to what the user has not said.
func (d *Door) choose(ctx context.Context, in *instance.Instance, m *channels.Message) error {
	if !in.Chooses() || m.Text == "" || len(m.Text) > maxChoice {
		return nil
	}
	offers, err := d.Choices.Choices(ctx, m.Conversation())
	if err != nil {
		return in.NotStored(ctx, d.Log, err)
	}
	if payload, ok := chosen(offers, m.Text); ok {
		m.Text = payload
	}
	return nil
}

// chosen returns the payload that a text chooses: by its key from all offers, or by its
// number or title from the open one.
func chosen(offers []journal.Offer, text string) (payload string, ok bool) {
	for _, o := range offers {
		for _, c := range o.Choices {
			if c.Key == text {
				return c.Payload, true
			}
		}
	}
	for _, o := range offers {
		if o.Open {
			return chosenByName(o.Choices, text)
		}
	}
	return "", false
}

// chosenByName returns the payload of the choices that have the number or the title. It is
// not ok when they have several payloads: where the choices are "2" and "1", nobody knows
// what 1 means.
func chosenByName(choices []channels.Choice, text string) (payload string, ok bool) {
	said := normalize(text)
	number := numberOf(said)
	for i, c := range choices {
		if i+1 != number && (said == "" || normalize(c.Title) != said) {
			continue
		}
		if ok && c.Payload != payload {
			return "", false
		}
		payload, ok = c.Payload, true
	}
	return payload, ok
}

// normalize returns a text by which titles are compared: without regard to case, to the
// ways in which Unicode can write one character, and to how many spaces stand where.
func normalize(text string) string {
	return norm.NFKC.String(cases.Fold().String(strings.Join(strings.Fields(norm.NFKC.String(text)), " ")))
}

// numberOf reads "2", "2." and "2)". It is 0 for anything else.
func numberOf(text string) (n int) {
	digits := strings.TrimRight(text, " ")
	if end := len(digits) - 1; end > 0 && (digits[end] == '.' || digits[end] == ')') {
		digits = strings.TrimRight(digits[:end], " ")
	}
	const maxDigits = 4
	if len(digits) > maxDigits {
		return 0
	}
	for _, r := range []byte(digits) {
		if r < '0' || r > '9' {
			return 0
		}
		n = 10*n + int(r-'0')
	}
	return n
}
