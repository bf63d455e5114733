package turn

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// This file has what an outboxReplier does with a text that grows.

// Delta takes a piece of the text in progress.
func (p *outboxReplier) Delta(ctx context.Context, text string) error {
	return p.DeltaIn(ctx, channels.FormatPlain, text)
}

// DeltaIn takes a piece of the text in progress, which is in that format. The first one with
// something visible is committed as a live part; further ones let it grow, in memory.
func (p *outboxReplier) DeltaIn(ctx context.Context, f channels.Format, text string) error {
	if p.live == nil {
		return nil // the platform is sent complete replies
	}
	p.live.format = f
	for _, piece := range p.live.numbered.Delta(text, f) {
		if err := p.grow(ctx, piece); err != nil {
			return err
		}
	}
	return nil
}

// grow takes a piece of one paragraph.
func (p *outboxReplier) grow(ctx context.Context, piece channels.Piece) error {
	t := p.live
	if t.text.Len() == 0 { // no message begins with white space
		piece.Text = strings.TrimLeftFunc(piece.Text, unicode.IsSpace)
	}
	t.text.WriteString(piece.Text)
	switch {
	case t.first != "":
		t.to.Grow(t.first, piece.Text)
	case t.text.Len() > 0:
		if err := p.beginPart(ctx); err != nil {
			return err
		}
	}
	if !piece.Ends {
		return nil
	}
	if err := p.endParagraph(ctx); err != nil {
		return err
	}
	t.endParagraph()
	return nil
}

// beginPart begins a live part with the text that there is. When there is no room for one,
// the text is sent complete.
func (p *outboxReplier) beginPart(ctx context.Context) error {
	t := p.live
	part := p.address()
	part.ID, part.Unfitted = p.nextID(), 1
	part.Reply = p.reply(t.text.String())
	if !t.to.Begin(part) {
		p.parts--
		return nil
	}
	t.first, t.begun = part.ID, append(t.begun, part.ID)
	return p.committer.add(ctx, journal.Step{Begin: &part}, func() {})
}

// endParagraph completes a paragraph as it has grown: another follows it.
func (p *outboxReplier) endParagraph(ctx context.Context) error {
	switch t := p.live; {
	case t.first != "":
		return p.completePart(ctx, nil, journal.Step{Shown: true})
	case t.text.Len() > 0: // there was no room
		return p.sendParagraph(ctx)
	}
	return nil
}

// sendParagraph sends a paragraph that has not grown.
func (p *outboxReplier) sendParagraph(ctx context.Context) error {
	parts, err := p.partsOf(p.reply(p.live.text.String()))
	if err != nil {
		return p.cannotShow(err)
	}
	return p.committer.add(ctx, journal.Step{Parts: parts, Shown: true}, func() {})
}

// completeText takes the parts of a reply, which complete the text in progress.
func (p *outboxReplier) completeText(ctx context.Context, rs []channels.Reply) error {
	t := p.live
	t.numbered.Complete(len(rs))
	step, rest := p.step(nil, rs), t.unshown(rs)
	if t.first != "" {
		if err := p.completePart(ctx, rest, step); err != nil {
			return err
		}
		t.reset()
		return nil
	}
	wasShown := len(t.shown) > 0
	t.reset()
	var err error
	if step.Parts, err = p.partsOf(rest...); err != nil {
		return p.cannotShow(err)
	}
	if len(step.Parts) == 0 && !wasShown {
		return nil
	}
	return p.committer.add(ctx, step, func() {})
}

// completePart completes the live part with what is left of a reply, or as it has grown when
// nothing is. The completion is added to the step.
func (p *outboxReplier) completePart(ctx context.Context, rest []channels.Reply, step journal.Step) error {
	t := p.live
	withdrawn, err := p.committer.withdraw(ctx)
	if err != nil {
		return err
	}
	first := t.first
	if withdrawn { // it was committed nowhere
		t.first = ""
		t.to.Complete(first, nil)
		if step.Parts, err = p.completion(first, t.unclosed(rest, 0, 0)); err != nil {
			return p.cannotShow(err)
		}
		return p.committer.add(ctx, step, func() {})
	}
	present, closed, next := t.to.Finish(first)
	parts, err := p.completion(present, t.unclosed(rest, closed, next))
	if err != nil {
		return p.cannotShow(err)
	}
	t.first = ""
	step.Complete = &journal.Completion{ID: present, Parts: parts}
	return p.committer.add(ctx, step, func() { t.to.Complete(first, &parts[0]) })
}

// completion makes the parts of replies of which the first completes the live part with the
// id. What that can't become follows as the next part.
func (p *outboxReplier) completion(id string, rs []channels.Reply) ([]channels.Part, error) {
	rs = slices.Clone(rs)
	rs[0].RecipientID = p.turn.Message.Sender
	parts, err := p.partsAs(id, rs[0])
	if err != nil {
		return nil, err
	}
	if len(parts) > 0 && !p.closesAs(&parts[0]) {
		text, rest := p.reply(rs[0].Text), rs[0]
		text.Format, rest.Text = rest.Format, ""
		if parts, err = p.partsAs(id, text, rest); err != nil {
			return nil, err
		}
	}
	if len(parts) == 0 { // Fit shows nothing of it
		parts = p.unfitted(id, rs[0].Text)
	}
	more, err := p.partsOf(rs[1:]...)
	return append(parts, more...), err
}

// partsAs makes the parts of replies. The first has the id.
func (p *outboxReplier) partsAs(id string, rs ...channels.Reply) ([]channels.Part, error) {
	return p.in.PartsOf(p.address(), rs, func() string {
		if id == "" {
			return p.nextID()
		}
		first := id
		id = ""
		return first
	})
}

// unfitted is a text as it is. Delivery has Fit look at it once more.
func (p *outboxReplier) unfitted(id, text string) []channels.Part {
	part := p.address()
	part.ID, part.Reply, part.Unfitted = id, p.reply(text), 1
	return []channels.Part{part}
}

// closesAs reports whether a message with a growing text can become the part.
func (p *outboxReplier) closesAs(part *channels.Part) bool {
	if part.Kind() == channels.KindText {
		return true
	}
	closer, ok := p.in.Channel.(channels.StreamCloser)
	return ok && closer.Closes(*part)
}

// reply returns a text as the text in progress is.
func (p *outboxReplier) reply(text string) channels.Reply {
	return channels.Reply{RecipientID: p.turn.Message.Sender, Text: text, Format: p.live.format}
}

// endText takes the text that the turn has left in the middle into its last step. It is
// completed as it has grown, unless nothing of the turn was shown. Over must be called once
// the step is committed, or not.
func (p *outboxReplier) endText(step *journal.Step) (over func(committed bool)) {
	t, held := p.live, step.Begin != nil
	if t == nil {
		return func(bool) {}
	}
	first, completed := t.first, (*channels.Part)(nil)
	step.Begin = nil
	if said := t.said(p.turn.Message.Sender); p.shows && len(said) > 0 {
		parts := p.leftText(first != "" && !held)
		if first != "" && !held {
			step.Complete, completed = &journal.Completion{ID: parts[0].ID, Parts: parts}, &parts[0]
		} else {
			step.Parts = append(step.Parts, parts...)
		}
		step.Events = append(step.Events, replyEvent(&p.turn.Message, said))
	}
	return func(committed bool) {
		if committed && completed != nil {
			t.to.Complete(first, completed)
		}
		for _, id := range t.begun { // what is complete stays so
			t.to.Complete(id, nil)
		}
	}
}

// leftText returns the parts of a paragraph as it has grown, none of one that was sent.
// Growing says that its live part was committed.
func (p *outboxReplier) leftText(growing bool) []channels.Part {
	t := p.live
	present, closed, next := t.first, 0, 0
	switch {
	case growing:
		present, closed, next = t.to.Finish(t.first)
	case t.text.Len() == 0:
		return nil
	case present == "":
		present = p.nextID()
	}
	parts, err := p.completion(present, t.unclosed(nil, closed, next))
	if err != nil { // is in the log
		return p.unfitted(present, t.text.String()[closed:])
	}
	return parts
}

var _ channels.FormatReplier = (*outboxReplier)(nil)
