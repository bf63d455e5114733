package channeltest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// rollsOver has a Streamer show a text that grows over several messages, as the service does it:
// what is longer than Limits.Live.Max is closed at the end of a paragraph and goes on in the
// next message. Put together, what the messages show is the text.
func rollsOver(s subject) error {
	return s.onScreen(func(ctx context.Context, s *screening) error {
		streamer, grows := s.sender.(channels.Streamer)
		limited, ok := s.sender.(channels.Limited)
		if !grows {
			return nil
		}
		if !ok {
			if s.Max > 0 || !s.Edits.IsZero() {
				return errors.New("its platform has limits: a Streamer must be a channels.Limited too")
			}
			return nil
		}
		limits := limited.Limits()
		if err := s.editsInTime(limits); err != nil {
			return err
		}
		if s.Max > 0 && limits.Live.Max == 0 {
			return errors.New("its platform has a limit for texts: Limits.Live.Max must say where a growing one is rolled over")
		}
		for _, format := range []channels.Format{channels.FormatPlain, channels.FormatMarkdown} {
			if err := s.rollOver(ctx, streamer, limits.Live, format); err != nil {
				return fmt.Errorf("a text of format %q that grows: %w", format, err)
			}
		}
		return s.growsCode(ctx, streamer)
	})
}

// editsInTime checks that the service edits no more often than the platform allows.
func (s *screening) editsInTime(l channels.Limits) error {
	rate := l.Edit // where it is zero, edits count as messages do
	if rate.IsZero() {
		rate = l.Key
	}
	if allowed := s.Edits; !allowed.IsZero() && (rate.IsZero() || rate.Every() < allowed.Every()) {
		return fmt.Errorf("its Limits let a message be edited every %v (0 is no limit), where the platform takes one edit in %v", rate.Every(), allowed.Every())
	}
	return nil
}

// rollOver grows a text of several messages.
func (s *screening) rollOver(ctx context.Context, streamer channels.Streamer, live channels.LiveLimits, format channels.Format) error {
	if live.Max == 0 {
		live.Max = 1000
	}
	// The paragraphs are those that cuts are tried with, of a size that the limit allows.
	var shown []string
	text := (&screening{Screen: Screen{Max: live.Max, Unit: live.Unit}}).paragraphs()
	for rest := text; rest != ""; {
		// Where the service closes a message: see docs/delivery.md.
		head := live.Unit.Prefix(rest, live.Max)
		if end := strings.LastIndex(head, "\n\n"); head != rest && end > 0 {
			head = head[:end]
		}
		rest = strings.TrimLeft(rest[len(head):], "\n")
		final, err := s.growMessage(ctx, streamer, channels.Reply{Text: head, Format: format})
		if err != nil {
			return err
		}
		shown = append(shown, final)
	}
	return s.compare(strings.Fields(text), shown, strings.Fields)
}

// growsCode grows a code block: whatever there is of it, each text on the way must show a whole one.
func (s *screening) growsCode(ctx context.Context, streamer channels.Streamer) error {
	if s.CodeBegins == "" {
		return nil
	}
	before := len(s.platform.shown())
	text := "Look:\n\n```\n" + strings.Repeat("one two\n", 10) + "```"
	if _, err := s.growMessage(ctx, streamer, channels.Reply{Text: text, Format: channels.FormatMarkdown}); err != nil {
		return fmt.Errorf("a code block that grows: %w", err)
	}
	for _, one := range s.platform.shown()[before:] {
		if one.Adds { // it is shown with what was there before
			return nil
		}
		if _, err := s.codeOf(one.Text); err != nil {
			return fmt.Errorf("a code block that grows: %w", err)
		}
	}
	return nil
}

// growMessage grows one message and returns what it shows at last.
func (s *screening) growMessage(ctx context.Context, streamer channels.Streamer, r channels.Reply) (string, error) {
	// Open shows the first quarter, two calls of Append the next ones, and Close all of it.
	const steps = 4
	ctx, cancel := context.WithTimeout(ctx, s.subject.patience)
	defer cancel()
	whole := r.Text
	at := func(n int) string {
		return strings.Join(strings.SplitAfter(whole, " ")[:max(1, strings.Count(whole, " ")*n/steps)], "")
	}
	before := len(s.platform.shown())
	r.Text = at(1)
	p, err := s.part(r)
	if err != nil {
		return "", err
	}
	p.Unfitted = 1 // as the service marks a text that still grows
	receipt, err := streamer.Open(ctx, p)
	if err != nil {
		return "", fmt.Errorf("its Open fails: %w", err)
	}
	for n := 2; n < steps; n++ {
		piece := strings.TrimPrefix(at(n), p.Reply.Text)
		p.Reply.Text = at(n)
		if err := streamer.Append(ctx, p, receipt, piece); err != nil {
			return "", fmt.Errorf("its Append fails: %w", err)
		}
	}
	piece := strings.TrimPrefix(whole, p.Reply.Text)
	// Only now is the text fitted, and it must still be one message.
	p.Reply.Text, p.Unfitted = whole, 0
	if f, ok := streamer.(channels.Fitter); ok {
		parts := f.Fit(p)
		if len(parts) != 1 {
			return "", fmt.Errorf("its Fit makes %d parts of a text of Limits.Live.Max", len(parts))
		}
		p = parts[0]
	}
	if _, err := streamer.Close(ctx, p, receipt, piece); err != nil {
		return "", fmt.Errorf("its Close fails: %w", err)
	}
	return s.lastText(s.platform.shown()[before:])
}

// lastText returns what a message shows after some calls. Each text on the way must be within the
// platform's limit too.
func (s *screening) lastText(seen []Shown) (text string, err error) {
	for _, one := range seen {
		switch {
		case one.Adds:
			text += one.Text
		case one.Text != "":
			text = one.Text
		}
		if err := s.within([]string{text}); err != nil {
			return "", err
		}
	}
	return text, nil
}
