package journal

import "github.com/manyvox/manyvox/channels"

// InboxRow is a message to be stored, with its stored form.
type InboxRow struct {
	Entry
	Body []byte
}

// OutboxRow is a part to be stored, with its stored form.
type OutboxRow struct {
	channels.Part
	Body []byte
	// Offer is the stored form of the part's choices, nil when it has none.
	Offer []byte
}

// EventRow is an event to be appended, with its stored form. The event itself is
// complete, whatever the body leaves out.
//
// Further is how many events the row holds behind it: see EncodeEventGroups.
type EventRow struct {
	channels.Event
	Further int
	Body    []byte
}

// EncodeEntries returns the inbox rows of messages.
func EncodeEntries(es []Entry) ([]InboxRow, error) {
	rows := make([]InboxRow, len(es))
	for i, e := range es {
		body, err := EncodeMessage(e.Message)
		if err != nil {
			return nil, err
		}
		rows[i] = InboxRow{Entry: e, Body: body}
	}
	return rows, nil
}

// EncodeParts returns the outbox rows of parts.
func EncodeParts(parts []channels.Part) ([]OutboxRow, error) {
	rows := make([]OutboxRow, len(parts))
	for i, p := range parts {
		body, err := EncodePart(p)
		if err != nil {
			return nil, err
		}
		offer, err := encodeChoices(&p)
		if err != nil {
			return nil, err
		}
		rows[i] = OutboxRow{Part: p, Body: body, Offer: offer}
	}
	return rows, nil
}

// CompletionRow is a completion, with the stored forms of its parts.
type CompletionRow struct {
	ID    string
	Parts []OutboxRow
}

// OutgoingRows are what a step stores in the outbox, with their stored forms.
type OutgoingRows struct {
	// Complete and Begin are nil for none.
	Complete *CompletionRow
	Parts    []OutboxRow
	Begin    *OutboxRow
}

// All returns all parts of the step.
func (r *OutgoingRows) All() (all []OutboxRow) {
	if r.Complete != nil {
		all = append(all, r.Complete.Parts...)
	}
	all = append(all, r.Parts...)
	if r.Begin != nil {
		all = append(all, *r.Begin)
	}
	return all
}

// EncodeOutgoing returns the outbox rows of a step.
func EncodeOutgoing(s *Step) (rows OutgoingRows, err error) {
	if s.Complete != nil {
		parts, err := EncodeParts(s.Complete.Parts)
		if err != nil {
			return rows, err
		}
		rows.Complete = &CompletionRow{ID: s.Complete.ID, Parts: parts}
	}
	parts, begin := s.Outgoing()
	if rows.Parts, err = EncodeParts(parts); err != nil || begin == nil {
		return rows, err
	}
	live, err := EncodeParts([]channels.Part{*begin})
	if err != nil {
		return rows, err
	}
	rows.Begin = &live[0]
	return rows, nil
}

// EncodeEvents returns the rows of events. Their bodies hold nothing that was written when
// the store keeps no text.
func EncodeEvents(es []channels.Event, textless bool) ([]EventRow, error) {
	groups := make([][]channels.Event, len(es))
	for i := range es {
		groups[i] = es[i : i+1]
	}
	return encodeRows(groups, textless)
}

// DecodeDeadLetter adds to a dead letter of the conversation what EncodePart or
// EncodeMessage returned. When the body can't be read, the dead letter is of
// KindUnreadable and has the channel and the sender only.
func DecodeDeadLetter(body []byte, isPart bool, c channels.Conversation, d *DeadLetter) {
	if isPart {
		p, err := DecodePart(body)
		if err != nil || d.Kind == KindUnreadable {
			d.Kind, p = KindUnreadable, channels.Part{Channel: c.Channel, Sender: c.Sender}
		}
		d.Part = &p
		return
	}
	m, err := DecodeMessage(body)
	if err != nil || d.Kind == KindUnreadable {
		d.Kind, m = KindUnreadable, channels.Message{Channel: c.Channel, Sender: c.Sender}
	}
	d.Message = &m
}
