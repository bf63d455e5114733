package channels

import "context"

// Collector is a Replier that keeps the replies as Rasa's CollectingOutputChannel
// does: quick replies become buttons, each element a text with buttons. Pieces of
// text are not kept, since the reply that completes them holds them all.
type Collector struct {
	Replies []Reply
}

// Reply keeps r.
func (c *Collector) Reply(_ context.Context, r Reply) error {
	if r.Kind() == KindText { // most are
		r.Extra = nil
		c.Replies = append(c.Replies, r)
		return nil
	}
	c.Replies = append(c.Replies, Collected(r)...)
	return nil
}

// Delta does nothing.
func (c *Collector) Delta(context.Context, string) error { return nil }

// Collected turns a single-kind reply into what Rasa's REST channel shows of it.
func Collected(r Reply) []Reply {
	r.Extra = nil
	switch r.Kind() {
	case KindQuickReplies:
		r.Buttons, r.QuickReplies = r.QuickReplies, nil
	case KindElements:
		cards := make([]Reply, len(r.Elements))
		for i, e := range r.Elements {
			cards[i] = Reply{RecipientID: r.RecipientID, Text: e.Title + " : " + e.Subtitle, Buttons: e.Buttons}
			if e.Buttons == nil {
				cards[i].Buttons = []Button{}
			}
		}
		return cards
	}
	return []Reply{r}
}

var _ Replier = (*Collector)(nil)
