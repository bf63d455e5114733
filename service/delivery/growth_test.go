package delivery

import (
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// A live part goes on with what the one before knew of the message, if that is the one which the
// receipt names. Of another, all of the text may be shown: no piece of it is repeated.
func TestGrowthKnowsItsMessage(t *testing.T) {
	t.Parallel()
	g := newGrowth(channels.Part{ID: "p", Reply: channels.Reply{Text: "a"}})
	if m := g.known(nil); m.receipt != nil {
		t.Errorf("without a receipt: %+v", m)
	}
	one, opened := &channels.Receipt{ID: "1"}, time.Now().Add(-time.Minute)
	g.remember(message{receipt: one, opened: opened, shown: "a"})
	g.add("b")
	if m := g.known(&channels.Receipt{ID: "1"}); m.shown != "a" || m.unsure || !m.opened.Equal(opened) {
		t.Errorf("the message as it was left: %+v", m)
	}
	if m := g.known(&channels.Receipt{ID: "2"}); m.shown != "ab" || !m.unsure || m.receipt.ID != "2" || m.piece("abc") != "abc" {
		t.Errorf("another message: %+v", m)
	}
}
