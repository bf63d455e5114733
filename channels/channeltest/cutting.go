package channeltest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/manyvox/manyvox/channels"
)

// cutsTexts sends texts over the platform's limit and puts together what arrives: nothing may be
// lost, and each part ends where a reader would pause.
func cutsTexts(s subject) error {
	return s.onScreen(func(ctx context.Context, s *screening) error {
		if s.Max == 0 {
			return nil
		}
		return errors.Join(s.cutsBetween(ctx, "paragraphs", s.paragraphs()), s.cutsBetween(ctx, "sentences", s.sentences()),
			s.cutsBetween(ctx, "words", s.words()), s.keepsGraphemes(ctx), s.keepsCode(ctx))
	})
}

// parts is how many times the limit the texts are, at least.
const parts = 3

// repeat makes a text of pieces that is over the limit several times. Each piece is about one
// of so many of a part.
func (s *screening) repeat(pieces int, piece func(length, n int) string, between string) string {
	var b strings.Builder
	for n := 0; s.Unit.Len(b.String()) < parts*s.Max; n++ {
		if n > 0 {
			b.WriteString(between)
		}
		b.WriteString(piece(s.Max/pieces, n))
	}
	return b.String()
}

// words are a text without any other place to cut.
func (s *screening) words() string {
	return s.repeat(40, func(length, n int) string { return fmt.Sprintf("w%d%s", n, strings.Repeat("o", max(0, length-6))) }, " ")
}

// sentence returns one of that length.
func sentence(length, n int) string {
	return fmt.Sprintf("S%d%s.", n, strings.Repeat(" so", max(1, length/3-2)))
}

func (s *screening) sentences() string { return s.repeat(8, sentence, " ") }

// paragraphEnd ends each paragraph.
const paragraphEnd = " end."

func (s *screening) paragraphs() string {
	return s.repeat(6, func(length, n int) string {
		return sentence(length/2, n) + " " + strings.TrimSuffix(sentence(length/2, n), ".") + paragraphEnd
	}, "\n\n")
}

// cutsBetween sends a text that is made of one kind of thing, which none of its parts may cut.
func (s *screening) cutsBetween(ctx context.Context, things, text string) error {
	ends := map[string]func(part string) bool{
		"words":      func(string) bool { return true }, // the comparison finds those that were cut
		"sentences":  func(part string) bool { return strings.HasSuffix(part, ".") },
		"paragraphs": func(part string) bool { return strings.HasSuffix(part, paragraphEnd) },
	}[things]
	var errs []error
	for _, format := range []channels.Format{channels.FormatPlain, channels.FormatMarkdown} {
		texts, err := s.texts(ctx, channels.Reply{Text: text, Format: format})
		if err == nil {
			err = s.compare(strings.Fields(text), texts, strings.Fields)
		}
		// Whoever cuts well fills a message to a half at least.
		if n := s.Unit.Len(text)/s.Max + 1; err == nil && len(texts) > 2*n {
			err = fmt.Errorf("%d parts, where %d would do", len(texts), n)
		}
		for _, part := range texts {
			if part = strings.TrimSpace(part); err == nil && !ends(part) {
				err = fmt.Errorf("a part ends with %q", lastWords(part))
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("a text of %s, format %q: %w", things, format, err))
		}
	}
	return errors.Join(errs...)
}

// lastWords returns the end of a text.
func lastWords(text string) string { return text[max(0, len(text)-20):] }

// compare puts the parts together by the things that they are made of.
func (s *screening) compare(want, texts []string, split func(string) []string) error {
	var got []string
	for _, text := range texts {
		got = append(got, split(text)...)
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return fmt.Errorf("what arrived, put together, is another text from %.40q on: %.40q", strings.Join(want[i:], " "), strings.Join(got[min(i, len(got)):], " "))
		}
	}
	if len(got) > len(want) {
		return fmt.Errorf("more arrived than was sent: %.40q", strings.Join(got[len(want):], " "))
	}
	return nil
}

// keepsGraphemes sends texts without a space, of what a reader takes for one character each.
func (s *screening) keepsGraphemes(ctx context.Context) error {
	var errs []error
	for name, grapheme := range map[string]string{"letters": "a", "an emoji of several": "👩‍👩‍👧‍👦", "flags": "🇩🇪", "accents": "e\u0301", "emoji": "😀"} {
		text := s.repeat(1, func(int, int) string { return strings.Repeat(grapheme, 50) }, "")
		texts, err := s.texts(ctx, channels.Reply{Text: text})
		if err == nil {
			err = s.compare(graphemes(text), texts, graphemes)
		}
		for i, part := range texts {
			if n := s.Unit.Len(part); err == nil && i < len(texts)-1 && n < s.Max/2 {
				err = fmt.Errorf("a part of %d %s where %d fit: it counts in another unit", n, s.Unit, s.Max)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("a text of %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// graphemes returns what a reader takes for the characters of a text.
func graphemes(text string) (list []string) {
	for g := uniseg.NewGraphemes(text); g.Next(); {
		list = append(list, g.Str())
	}
	return list
}

// keepsCode sends a code block: each part of it must be one.
func (s *screening) keepsCode(ctx context.Context) error {
	if s.CodeBegins == "" {
		return nil
	}
	code := s.repeat(12, func(length, n int) string { return fmt.Sprintf("line%d%s", n, strings.Repeat("x", max(0, length-8))) }, "\n")
	texts, err := s.texts(ctx, channels.Reply{Text: "Look:\n\n```\n" + code + "\n```\n\nDone.", Format: channels.FormatMarkdown})
	if err != nil {
		return fmt.Errorf("a code block: %w", err)
	}
	// What stands in the blocks, put together, must be the code: none of it may be outside.
	var inside []string
	for _, text := range texts {
		blocks, err := s.codeOf(text)
		if err != nil {
			return err
		}
		inside = append(inside, blocks...)
	}
	if err := s.compare(strings.Fields(code), inside, strings.Fields); err != nil {
		return fmt.Errorf("a code block: %w", err)
	}
	return nil
}

// codeOf returns the code blocks of a part.
func (s *screening) codeOf(text string) (blocks []string, err error) {
	for rest := text; ; {
		before, block, found := strings.Cut(rest, s.CodeBegins)
		body, after, ended := strings.Cut(block, s.CodeEnds)
		switch {
		case found && !ended, strings.Contains(before, s.CodeEnds):
			return nil, fmt.Errorf("a part begins or ends within a code block: %.60q", text)
		case !found:
			return blocks, nil
		}
		blocks, rest = append(blocks, body), after
	}
}
