package channeltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// growsReplies has a Streamer grow a reply, and refuses one recipient. A channel without
// the role passes.
func growsReplies(s subject) error {
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("its Example does not open: %w", err)
	}
	if limited, ok := c.(channels.Limited); ok {
		if err := limited.Limits().Live.Validate(); err != nil {
			return fmt.Errorf("its Limits: %w", err)
		}
	}
	if _, grows := c.(channels.Streamer); !grows {
		return nil
	}
	if _, sends := c.(channels.Sender); !sends {
		return errors.New("a Streamer must be a Sender too: what was complete from the start goes by Send")
	}
	return s.onPlatform(func(ctx context.Context, f *fakePlatform, c channels.Channel) error {
		g := growth{s.typ, f, c.(channels.Streamer)}
		return errors.Join(g.grows(ctx), g.fits(), g.isRefused(ctx))
	})
}

// onPlatform opens the channel on a platform of the kit's.
func (s subject) onPlatform(f func(context.Context, *fakePlatform, channels.Channel) error) error {
	if s.platform == nil || s.platform.Recipient == nil {
		return errors.New("it sends, so Contract needs its Platform with a Recipient")
	}
	platform := startPlatform(s.platform.withDefaults(s.typ))
	defer platform.close()
	config, err := decode(s.typ, platform.Block)
	if err != nil {
		return err
	}
	c, err := startWith(platform.dial, s.typ, config, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("the Platform's Block does not open: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	return f(ctx, platform, c)
}

// growth is a Streamer on a platform of the kit's.
type growth struct {
	typ      channels.Type
	platform *fakePlatform
	channel  channels.Streamer
}

// part returns the part with a text, as the service gives it to Open and Append.
func (g growth) part(to, text string) (channels.Part, error) {
	p := channels.Part{ID: "part-of-" + to, Channel: g.typ.Name, Sender: to, Reply: channels.Reply{RecipientID: to, Text: text}}
	if a, ok := g.channel.(channels.Addresser); ok {
		var err error
		if p.Address, err = a.Address(to); err != nil {
			return p, err
		}
	}
	return p, nil
}

// grows checks that each call reaches the platform.
func (g growth) grows(ctx context.Context) error {
	p, err := g.part(g.platform.Taken, "one")
	if err != nil {
		return err
	}
	receipt, err := g.channel.Open(ctx, p)
	switch {
	case err != nil:
		return fmt.Errorf("Open fails: %w", err)
	case receipt.ID == "":
		return errors.New("the receipt of Open has no id: after a restart nothing would name the message")
	}
	p.Reply.Text = "one two"
	if err := g.called("Append", func() error { return g.channel.Append(ctx, p, receipt, " two") }); err != nil {
		return err
	}
	p.Reply.Text = "one two three"
	for _, piece := range []string{" three", p.Reply.Text} { // again, as after a restart
		if err := g.called("Close", func() error {
			_, err := g.channel.Close(ctx, p, receipt, piece)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// called checks that a call fails not, and calls the platform.
func (g growth) called(name string, call func() error) error {
	before := g.platform.calls.Load()
	switch err := call(); {
	case err != nil:
		return fmt.Errorf("%s fails: %w", name, err)
	case g.platform.calls.Load() == before:
		return fmt.Errorf("%s does not call the platform", name)
	}
	return nil
}

// fills are what texts of the length Live.Max are made of: characters of one, two and four bytes,
// and Markdown, whose markup is longer on most platforms.
var fills = []struct {
	name   string
	format channels.Format
	text   string
}{
	{"letters", channels.FormatPlain, "a"},
	{"accents", channels.FormatPlain, "é"},
	{"emoji", channels.FormatPlain, "😀"},
	{"accents in Markdown", channels.FormatMarkdown, "é"},
	{"emoji in Markdown", channels.FormatMarkdown, "😀"},
	{"Markdown with some emphasis", channels.FormatMarkdown, "It is *so* easy to say what it is that I mean. "},
}

// fits checks that a text of Live.Max is one part.
func (g growth) fits() error {
	limited, limits := g.channel.(channels.Limited)
	fitter, cuts := g.channel.(channels.Fitter)
	if !limits || !cuts || limited.Limits().Live.Max <= 0 {
		return nil
	}
	live := limited.Limits().Live
	for _, fill := range fills {
		text := live.Unit.Prefix(strings.Repeat(fill.text, live.Max/live.Unit.Len(fill.text)+1), live.Max)
		if text = strings.TrimSpace(text); text == "" { // not one such character is that short
			continue
		}
		p, err := g.part(g.platform.Taken, text)
		if err != nil {
			return err
		}
		p.Reply.Format = fill.format
		if n := len(fitter.Fit(p)); n != 1 {
			return fmt.Errorf("its Fit makes %d parts of a text of the length Limits.Live.Max (%d), of %s: it must be one", n, live.Max, fill.name)
		}
	}
	return nil
}

func (g growth) isRefused(ctx context.Context) error {
	p, err := g.part(g.platform.Refused, "one")
	if err != nil {
		return err
	}
	_, err = g.channel.Open(ctx, p)
	return checkRefusal(err)
}

// showsTyping has a Typer call the platform, and go away from one that does not answer. A
// channel without the role passes.
func showsTyping(s subject) error {
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("its Example does not open: %w", err)
	}
	if _, types := c.(channels.Typer); !types {
		return nil
	}
	return s.onPlatform(func(ctx context.Context, f *fakePlatform, c channels.Channel) error {
		typer := c.(channels.Typer)
		if err := typer.Typing(ctx, typingMessage(s.typ, f.Taken)); err != nil {
			return fmt.Errorf("its Typing fails: %w", err)
		}
		if f.calls.Load() == 0 {
			return errors.New("its Typing does not call the platform")
		}
		return goesAway(ctx, f, typer, typingMessage(s.typ, f.Refused))
	})
}

func typingMessage(typ channels.Type, from string) channels.Message {
	return channels.Message{ID: "message-of-" + from, Channel: typ.Name, Sender: from, Text: "hi"}
}

// goesAway checks that Typing ends with its context.
func goesAway(ctx context.Context, f *fakePlatform, typer channels.Typer, m channels.Message) error {
	held := f.hold()
	short, cancel := context.WithCancel(ctx)
	defer cancel()
	returned := make(chan error, 1)
	go func() { returned <- typer.Typing(short, m) }()
	select {
	case <-held.arrived:
	case err := <-returned:
		return fmt.Errorf("no call for whom Typing is about: %w", err)
	}
	cancel()
	select {
	case <-returned: //nolint:errcheck // that it ended is all
		return nil
	case <-ctx.Done():
		close(held.answer)
		return errors.New("its Typing does not end with its context")
	}
}
