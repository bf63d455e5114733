package channeltest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// Screen says what a platform shows of the calls that it gets. With it Contract checks what a
// person would see. What a platform lacks is left out.
type Screen struct {
	// Read returns what a call shows. Required. It may read the body.
	Read func(*http.Request) Shown
	// Max is how long a text may be, in Unit and with its markup. 0 is no limit.
	Max  int
	Unit channels.Unit
	// Markdown is how the platform's markup writes the text Markdown, "" where the channel
	// does not render it.
	Markdown string
	// CodeBegins and CodeEnds stand around a code block. CodeBegins is that of a block without a
	// language.
	CodeBegins, CodeEnds string
	// MaxButtons is how many buttons a call may have, MaxPayload how long what each brings back
	// may be, in bytes. MaxButtons 0 says that the platform has none.
	MaxButtons, MaxPayload int
	// Uploads says that the platform takes the bytes of files.
	Uploads bool
	// Edits is how often a message may be edited. Zero is no limit.
	Edits channels.Rate
}

// Shown is what a person sees of one call. It is the zero Shown of a call that shows nothing.
type Shown struct {
	// Text is as the platform gets it, with its markup. It takes the place of the text that the
	// call is about; with Adds it is added to that.
	Text string
	Adds bool
	// Buttons are those under it. The Payload is what the platform brings back, which may be "" for
	// one that brings back its title.
	Buttons []channels.Button
	// File are the bytes of a file that was uploaded.
	File []byte
}

// Markdown is the text that Screen.Markdown is about: emphasis, code, a link, a list, and
// characters that mean something in the markup of some platform.
const Markdown = "**bold** and *italic*, `code` and [link](https://x.example/a?b=1&c=2)\n\n- 1 < 2 & 3 > 2\n- <!channel> @here _x"

// screening is a channel on a platform of the kit's that shows what it gets.
type screening struct {
	Screen
	subject  subject
	platform *fakePlatform
	sender   channels.Sender
}

// onScreen runs a check of what a person sees. A channel that calls no platform passes, and so
// does one whose Platform has no Screen.
func (s subject) onScreen(check func(context.Context, *screening) error) error {
	if sends, err := callsPlatform(s.typ); err != nil || !sends || s.platform == nil || s.platform.Screen == nil {
		return err
	}
	if s.platform.Screen.Read == nil {
		return errors.New("the Screen of its Platform needs Read")
	}
	return s.onPlatform(func(_ context.Context, f *fakePlatform, c channels.Channel) error {
		// Each reply has the subject's patience, since there are many: see show.
		return check(context.Background(), &screening{*s.platform.Screen, s, f, c.(channels.Sender)})
	})
}

// part returns a part with a reply, as the service makes it before it is fitted.
func (s *screening) part(r channels.Reply) (channels.Part, error) {
	r.RecipientID = s.platform.Taken
	p := channels.Part{ID: "part", Channel: s.subject.typ.Name, Type: s.subject.typ.Name, Sender: s.platform.Taken, Reply: r}
	if a, ok := s.sender.(channels.Addresser); ok {
		var err error
		if p.Address, err = a.Address(p.Sender); err != nil {
			return p, err
		}
	}
	return p, nil
}

// show sends a reply, and returns what a person sees of it and the choices of its parts.
func (s *screening) show(ctx context.Context, r channels.Reply) (seen []Shown, choices []channels.Choice, err error) {
	p, err := s.part(r)
	if err != nil {
		return nil, nil, err
	}
	parts := []channels.Part{p}
	if f, ok := s.sender.(channels.Fitter); ok {
		parts = f.Fit(p)
	}
	ctx, cancel := context.WithTimeout(ctx, s.subject.patience)
	defer cancel()
	before := len(s.platform.shown())
	for i, p := range parts {
		p.ID += fmt.Sprintf("-%d", i)
		if _, err := s.sender.Send(ctx, p); err != nil {
			return nil, nil, fmt.Errorf("part %d of %d fails: %w", i+1, len(parts), err)
		}
		choices = append(choices, p.Choices...)
	}
	return s.platform.shown()[before:], choices, nil
}

// texts sends a reply and returns its texts, each of which must be within the limit.
func (s *screening) texts(ctx context.Context, r channels.Reply) (texts []string, err error) {
	seen, _, err := s.show(ctx, r)
	for _, one := range seen {
		if one.Text != "" {
			texts = append(texts, one.Text)
		}
	}
	return texts, errors.Join(err, s.within(texts))
}

// within checks that no text is over the platform's limit.
func (s *screening) within(texts []string) error {
	for _, text := range texts {
		if n := s.Unit.Len(text); s.Max > 0 && n > s.Max {
			return fmt.Errorf("a text of %d is sent, where the platform takes %d: %.60q", n, s.Max, text)
		}
	}
	return nil
}

// rendersMarkdown sends a text with the characters that markup is made of, as it is and as
// Markdown.
func rendersMarkdown(s subject) error {
	return s.onScreen(func(ctx context.Context, s *screening) error {
		if s.Markdown == "" {
			return nil
		}
		var errs []error
		for format, want := range map[channels.Format]string{channels.FormatMarkdown: s.Markdown, channels.FormatPlain: Markdown} {
			texts, err := s.texts(ctx, channels.Reply{Text: Markdown, Format: format})
			if got := strings.Join(texts, "\n\n"); err == nil && got != want {
				err = fmt.Errorf("it is sent as %q, want %q", got, want)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("a text of format %q: %w", format, err))
			}
		}
		return errors.Join(errs...)
	})
}
