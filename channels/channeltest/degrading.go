package channeltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// manyButtons is more than any platform shows in one message.
const manyButtons = 200

// keepsButtons sends more buttons than a platform takes, and payloads that are longer: each
// must be there to be chosen, as a button, in a menu or in a numbered list.
func keepsButtons(s subject) error {
	return s.onScreen(func(ctx context.Context, s *screening) error {
		var errs []error
		for name, buttons := range map[string][]channels.Button{
			"a few": buttonsOf(3, ""), "many": buttonsOf(manyButtons, ""), "long payloads": buttonsOf(3, strings.Repeat("x", 5000)),
			"many with long payloads": buttonsOf(manyButtons, strings.Repeat("é", 500)), "titles alone": titlesOf(3), "many titles alone": titlesOf(manyButtons),
			"a link": withLink(buttonsOf(2, "")), "many and a link": withLink(buttonsOf(manyButtons, "")),
		} {
			for as, r := range map[string]channels.Reply{
				"buttons": {Text: "Choose", Buttons: buttons}, "quick replies": {Text: "Choose", QuickReplies: buttons},
				"buttons of a card": {Elements: []channels.Element{{Title: "Choose", Buttons: buttons}}},
			} {
				if err := s.keeps(ctx, r, buttons); err != nil {
					errs = append(errs, fmt.Errorf("%s as %s: %w", name, as, err))
				}
			}
		}
		return errors.Join(errs...)
	})
}

// buttonsOf returns buttons whose payloads end with so much more.
func buttonsOf(n int, long string) (list []channels.Button) {
	for i := range n {
		list = append(list, channels.Button{Title: fmt.Sprintf("Choice %d", i+1), Payload: fmt.Sprintf("/choice%d%s", i+1, long)})
	}
	return list
}

// titlesOf returns buttons whose title is what choosing them says.
func titlesOf(n int) []channels.Button {
	list := buttonsOf(n, "")
	for i := range list {
		list[i].Payload = ""
	}
	return list
}

// withLink returns the buttons and one that opens a link.
func withLink(buttons []channels.Button) []channels.Button {
	return append(buttons, channels.Button{Title: "Our site", Extra: map[string]json.RawMessage{"url": json.RawMessage(`"https://x.example/site"`)}})
}

// linkOf returns what a button opens, "" for one that says something.
func linkOf(b channels.Button) (link string) {
	if raw := b.Extra["url"]; json.Unmarshal(raw, &link) != nil {
		return ""
	}
	return link
}

// keeps sends a reply with buttons and looks for each.
func (s *screening) keeps(ctx context.Context, r channels.Reply, buttons []channels.Button) error {
	seen, choices, err := s.show(ctx, r)
	if err != nil {
		return err
	}
	var shown []channels.Button
	var texts []string
	for _, one := range seen {
		shown, texts = append(shown, one.Buttons...), append(texts, one.Text)
		if len(one.Buttons) > s.MaxButtons {
			return fmt.Errorf("a call has %d buttons, where the platform takes %d", len(one.Buttons), s.MaxButtons)
		}
	}
	for _, b := range shown {
		if len(b.Payload) > s.MaxPayload {
			return fmt.Errorf("button %q brings back %d bytes, where the platform takes %d", b.Title, len(b.Payload), s.MaxPayload)
		}
	}
	if err := s.within(texts); err != nil {
		return err
	}
	// A list may go on in the next message, so that a button is looked for in all of them.
	listed := strings.Join(texts, "\n")
	numbers := numbered(listed)
	for _, b := range buttons {
		if link := linkOf(b); link != "" {
			if !slices.ContainsFunc(shown, func(got channels.Button) bool { return got.Title == b.Title }) && !strings.Contains(listed, link) {
				return fmt.Errorf("button %q is dropped: neither it nor its link is shown", b.Title)
			}
			continue
		}
		if err := chosen(b, shown, numbers, choices); err != nil {
			return err
		}
	}
	return nil
}

// listLine is a line of a numbered list. A list is read by people: the number has to stand before
// the title, on a line of their own.
var listLine = regexp.MustCompile(`(?m)^\s*(\d+)[.):]\s+(.*)$`)

// numbered returns the numbers of a list by the titles behind them.
func numbered(text string) map[string]int {
	numbers := map[string]int{}
	for _, line := range listLine.FindAllStringSubmatch(text, -1) {
		if n, err := strconv.Atoi(line[1]); err == nil {
			numbers[line[2]] = n
		}
	}
	return numbers
}

// chosen reports why a button cannot be chosen: it is neither a button that brings its payload
// back, or what stands for it, nor in a list with the number that its choice has.
func chosen(b channels.Button, shown []channels.Button, numbers map[string]int, choices []channels.Choice) error {
	payload := b.Payload
	if payload == "" {
		payload = b.Title
	}
	for _, got := range shown {
		if got.Title != b.Title {
			continue
		}
		// What comes back is what the door looks up: the payload itself, or among the part's
		// choices a key or a title.
		back := got.Payload
		if back == "" {
			back = got.Title
		}
		if back == payload || slices.ContainsFunc(choices, func(c channels.Choice) bool {
			return c.Payload == payload && (c.Key == back || c.Title == back)
		}) {
			return nil
		}
		return fmt.Errorf("button %q brings back %.40q, which no choice of the part stands for", b.Title, back)
	}
	n, listed := numbers[b.Title]
	if !listed {
		return fmt.Errorf("button %q is dropped: it is neither shown nor in a numbered list", b.Title)
	}
	if n < 1 || n > len(choices) || choices[n-1].Payload != payload || choices[n-1].Title != b.Title {
		return fmt.Errorf("number %d of the list is %q, which is not the choice of that number", n, b.Title)
	}
	return nil
}

// uploadsFiles sends files by their bytes, in data: URLs, which no platform fetches.
func uploadsFiles(s subject) error {
	return s.onScreen(func(ctx context.Context, s *screening) error {
		if !s.Uploads {
			return nil
		}
		var errs []error
		for name, r := range map[string]channels.Reply{
			"an image":            {Image: "data:image/png;base64,iVBORw0KGgo="},
			"an attachment":       {Attachment: []byte(`"data:application/pdf;base64,JVBERi0xLjQ="`)},
			"an attached picture": {Attachment: []byte(`{"type":"image","payload":{"src":"data:image/png;base64,iVBORw0KGgo="}}`)},
			"an attached file":    {Attachment: []byte(`{"type":"file","url":"data:application/pdf;base64,JVBERi0xLjQ="}`)},
		} {
			want := "%PDF-1.4" // what the data: URLs hold
			if strings.Contains(r.Image+string(r.Attachment), "image/png") {
				want = "\x89PNG\r\n\x1a\n"
			}
			seen, _, err := s.show(ctx, r)
			if err == nil && !slices.ContainsFunc(seen, func(one Shown) bool { return string(one.File) == want }) {
				err = errors.New("its bytes do not arrive")
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s as a data: URL: %w", name, err))
			}
		}
		return errors.Join(errs...)
	})
}
