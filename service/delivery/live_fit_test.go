package delivery_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/servicetest"
)

// escapes is a Fit whose markup is longer than the text: it doubles each character, and cuts what
// becomes longer than most.
func escapes(most int) func(channels.Part) []channels.Part {
	return func(p channels.Part) (parts []channels.Part) {
		runes := []rune(strings.TrimPrefix(p.Reply.Text, private))
		for chunk := range slices.Chunk(runes, most/2) {
			var b strings.Builder
			for _, r := range chunk {
				b.WriteString(string([]rune{r, r}))
			}
			p.Reply.Text = b.String()
			parts = append(parts, p)
		}
		return parts
	}
}

// A message is closed with what Fit has made, also where that makes several parts of a text of
// the length Live.Max: then less of it is taken, or the roll-over waits for the end of the text.
func TestRollOverIsFitted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fit  func(channels.Part) []channels.Part
		want []string
	}{
		"one part of less": {escapes(10), []string{"oonnee", "ttwwoo", "tthhrreeee", "ffoouurr  ", "ffiivvee"}},
		"one part of none": {
			func(p channels.Part) []channels.Part {
				head, tail := p, p
				head.Reply.Text, tail.Reply.Text = "(", strings.ToUpper(p.Reply.Text)+")"
				return []channels.Part{head, tail}
			},
			[]string{"(", "ONE TWO THREE FOUR FIVE)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{Limits: channels.Limits{Live: channels.LiveLimits{Max: 10}}}
				p.OnFit = c.fit
				s := grow(t, p, bare(nil, "one", " two", " three", " four", " five"))
				s.Post(t, "chat", "ann", "one")
				servicetest.Advance(4500 * time.Millisecond)
				for _, call := range p.Live("append") {
					if n := channels.UnitRunes.Len(call.Part.Reply.Text); n > 10 {
						t.Errorf("%d characters are shown: %q", n, call.Part.Reply.Text)
					}
				}
				servicetest.Advance(time.Minute)
				checkShown(t, p, c.want...)
				for _, call := range p.Live("close") {
					if call.Part.Unfitted != 0 {
						t.Errorf("closed with a text that Fit has not seen: %q", call.Part.Reply.Text)
					}
				}
			})
		})
	}
}
