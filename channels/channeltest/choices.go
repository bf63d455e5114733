package channeltest

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// offering returns replies that let the user choose, by short payloads and by one that is
// longer than any platform takes.
func offering() []channels.Reply {
	buttons := []channels.Button{
		{Title: "Book", Payload: "/book"}, {Title: "Help"}, {Title: "Other", Payload: "/other" + strings.Repeat("x", 5000)},
	}
	return []channels.Reply{
		{RecipientID: "ann", Text: "Choose", Buttons: buttons},
		{RecipientID: "ann", Text: "Choose", QuickReplies: buttons},
		{RecipientID: "ann", Elements: []channels.Element{{Title: "Choose", Buttons: buttons}}},
	}
}

// offersChoices checks the choices that Fit gives parts: only a Chooser has them, and each
// stands for a button of the reply.
func offersChoices(s subject) error {
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return err
	}
	fitter, ok := c.(channels.Fitter)
	if !ok {
		return nil
	}
	chooser, ok := c.(channels.Chooser)
	chooses := ok && chooser.Chooses()
	var errs []error
	for _, r := range offering() {
		for _, p := range fitter.Fit(channels.Part{Channel: s.typ.Name, Sender: "ann", Reply: r}) {
			if len(p.Choices) > 0 && !chooses {
				errs = append(errs, errors.New("a part has choices: then Chooses must report true"))
			}
			errs = append(errs, checkChoices(p.Choices, r.Choices()))
		}
	}
	return errors.Join(errs...)
}

// checkChoices checks that each choice is one of the reply's, with the key of its payload.
func checkChoices(choices, offered []channels.Choice) error {
	for _, c := range choices {
		if c.Key != channels.ChoiceKey(c.Payload) {
			return fmt.Errorf("choice %q: its Key is not the ChoiceKey of its Payload", c.Title)
		}
		if !slices.ContainsFunc(offered, func(o channels.Choice) bool { return o.Payload == c.Payload }) {
			return fmt.Errorf("choice %q: no button has its payload", c.Title)
		}
	}
	return nil
}
