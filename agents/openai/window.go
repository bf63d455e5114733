package openai

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

// eventsPerTurn is how many events are read for each turn of a window: a message, and a few
// replies. The window is smaller where the turns have more.
const eventsPerTurn = 6

// maxTurns bounds the key turns.
const maxTurns = 500

// Window is how much of the conversation before the message is sent to the model.
type Window struct {
	// Turns is how many earlier messages are sent, with their replies. Default 20.
	Turns int `yaml:"turns"`
	// Characters is how much text they have at most. Default 20000.
	Characters int `yaml:"characters"`
}

func (w Window) validate() error {
	var errs []error
	if w.Turns < 0 || w.Turns > maxTurns {
		errs = append(errs, errors.New("history.turns: expected 0 to 500"))
	}
	if w.Characters < 0 {
		errs = append(errs, errors.New("history.characters: expected 0 or more"))
	}
	return errors.Join(errs...)
}

// exchanges are the turns of a conversation, the oldest first.
type exchanges [][]chatMessage

// exchangesOf puts events in turns. What was sent without a message stands before the first,
// or with the turn that it follows.
func exchangesOf(events []channels.Event) (all exchanges) {
	for i := range events {
		m, ok := messageOf(&events[i])
		if !ok {
			continue
		}
		if m.Role == roleUser || len(all) == 0 {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], m)
	}
	return all
}

// within returns the newest turns that the window holds. A turn is in it whole or not at all.
func (w Window) within(all exchanges) exchanges {
	all = all[max(0, len(all)-w.Turns):]
	left := w.Characters
	for i, turn := range slices.Backward(all) {
		for _, m := range turn {
			left -= utf8.RuneCountInString(m.text())
		}
		if left < 0 {
			return all[i+1:]
		}
	}
	return all
}

// newerHalf leaves out the older half, and at least one turn.
func (e exchanges) newerHalf() exchanges { return e[(len(e)+1)/2:] }

// messages returns the messages of all turns. Consecutive ones of a role are one, since many
// a model is given nothing but a strict alternation.
func (e exchanges) messages() (list []chatMessage) {
	for _, turn := range e {
		for _, m := range turn {
			list = appendMessage(list, m)
		}
	}
	return list
}
