package channeltest_test

import (
	"context"
	"slices"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// fits opens a channel whose Fit is the test's.
type fits struct {
	fakeConfig
	open func(sender) channels.Channel
}

func (f *fits) Open(channels.Env) (channels.Channel, error) {
	f.send = func(context.Context, channels.Env, channels.Part) error { return nil }
	return f.open(sender{channel{&f.fakeConfig}}), nil
}

// fitter is a channel with a Fit.
type fitter struct {
	sender
	fit func(channels.Part) channels.Part
}

func (f fitter) Fit(p channels.Part) []channels.Part { return []channels.Part{f.fit(p)} }

// chooser is one whose parts may have choices.
type chooser struct {
	fitter
	chooses bool
}

func (c chooser) Chooses() bool { return c.chooses }

func asIs(p channels.Part) channels.Part { return p }

// withChoice gives parts one choice more.
func withChoice(c channels.Choice) func(channels.Part) channels.Part {
	return func(p channels.Part) channels.Part {
		p.Choices = append(p.Reply.Choices(), c)
		return p
	}
}

func TestContractFindsWrongChoices(t *testing.T) {
	t.Parallel()
	const check = "offers choices as a Chooser"
	help := channels.Choice{Key: channels.ChoiceKey("Help"), Title: "Help me", Payload: "Help"}
	for _, c := range []struct {
		name   string
		open   func(sender) channels.Channel
		passes bool
	}{
		{"no Fit", func(s sender) channels.Channel { return s }, true},
		{"no choices", func(s sender) channels.Channel { return fitter{s, asIs} }, true},
		{"a list", func(s sender) channels.Channel { return chooser{fitter{s, channels.ListChoices}, true} }, true},
		{"a title of its own", func(s sender) channels.Channel { return chooser{fitter{s, withChoice(help)}, true} }, true},
		{"no Chooser", func(s sender) channels.Channel { return fitter{s, channels.ListChoices} }, false},
		{"one that does not choose", func(s sender) channels.Channel { return chooser{fitter{s, channels.ListChoices}, false} }, false},
		{"another key", func(s sender) channels.Channel {
			return chooser{fitter{s, withChoice(channels.Choice{Key: "1", Title: "Help", Payload: "Help"})}, true}
		}, false},
		{"another payload", func(s sender) channels.Channel {
			return chooser{fitter{s, withChoice(channels.Choice{Key: channels.ChoiceKey("/x"), Title: "Help", Payload: "/x"})}, true}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			opened := channels.Type{Name: "fake", New: func() channels.Config { return &fits{open: c.open} }}
			if failed := channeltest.Failed(opened, good()); slices.Contains(failed, check) == c.passes {
				t.Errorf("failed: %q", failed)
			}
		})
	}
}
