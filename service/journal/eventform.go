package journal

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/manyvox/manyvox/channels"
)

// The stored form of events is the JSON of eventRecord and groupRecord. It is written here
// as encoding/json writes it, but without reflection: every turn pays for it. Reading goes
// by the records.

// formWriter appends the members of JSON objects.
type formWriter struct {
	dst []byte
	err error
}

// key begins a member of the object that is being written.
func (w *formWriter) key(name string) {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(w.dst, '"')
	w.dst = append(w.dst, name...)
	w.dst = append(w.dst, '"', ':')
}

func (w *formWriter) string(name, value string) {
	w.key(name)
	w.dst = channels.AppendString(w.dst, value)
}

// optional writes a member unless its value is empty.
func (w *formWriter) optional(name, value string) {
	if value != "" {
		w.string(name, value)
	}
}

// bytes writes a member as base64, unless it is empty.
func (w *formWriter) bytes(name string, value []byte) {
	if len(value) == 0 {
		return
	}
	w.key(name)
	w.dst = append(base64.StdEncoding.AppendEncode(append(w.dst, '"'), value), '"')
}

// append takes what another appended, and its error.
func (w *formWriter) append(dst []byte, err error) {
	if w.dst = dst; w.err == nil {
		w.err = err
	}
}

// event writes the members of an eventRecord.
func (w *formWriter) event(e *channels.Event) {
	if e.Message != nil {
		w.message(e.Message)
	}
	for i := range e.Replies {
		if i == 0 {
			w.key("replies")
			w.dst = append(w.dst, '[')
		} else {
			w.dst = append(w.dst, ',')
		}
		w.reply(&e.Replies[i])
	}
	if len(e.Replies) > 0 {
		w.dst = append(w.dst, ']')
	}
	w.optional("part", e.Part)
	w.optional("receipt", e.Receipt)
	w.optional("reason", e.Reason)
}

// message writes a messageRecord.
func (w *formWriter) message(m *channels.Message) {
	w.key("message")
	w.dst = append(w.dst, '{')
	w.string("sender", m.Sender)
	w.string("message", m.Text)
	w.string("input_channel", m.InputChannel)
	w.optional("message_id", m.ID)
	if len(m.Attachments) > 0 {
		list, err := channels.Marshal(m.Attachments)
		w.key("attachments")
		w.append(append(w.dst, list...), err)
	}
	w.bytes("metadata", m.Metadata)
	w.string("channel", m.Channel)
	w.optional("address", m.Address)
	w.key("received")
	w.append(m.Received.AppendText(append(w.dst, '"')))
	w.dst = append(w.dst, '"', '}')
}

// reply writes a replyRecord.
func (w *formWriter) reply(r *channels.Reply) {
	w.dst = append(w.dst, '{')
	w.key("reply")
	shown := *r
	shown.Attachment, shown.Custom = nil, nil
	w.append(shown.AppendJSON(w.dst))
	if r.Rendered {
		w.key("rendered")
		w.dst = append(w.dst, "true"...)
	}
	w.optional("format", string(r.Format))
	w.bytes("attachment", r.Attachment)
	w.bytes("custom", r.Custom)
	w.dst = append(w.dst, '}')
}

// further writes the furtherRecords of a group's events behind the first.
func (w *formWriter) further(es []channels.Event) {
	w.key("further")
	w.dst = append(w.dst, '[')
	for i := range es {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = append(w.dst, '{')
		w.string("kind", string(es[i].Kind))
		w.key("time")
		w.dst = strconv.AppendInt(w.dst, es[i].Time.UnixMicro(), 10)
		w.event(&es[i])
		w.dst = append(w.dst, '}')
	}
	w.dst = append(w.dst, ']')
}

// appendForm appends the stored form of the events of one row.
func appendForm(dst []byte, row []channels.Event) ([]byte, error) {
	w := formWriter{dst: append(dst, '{')}
	w.event(&row[0])
	if len(row) > 1 {
		w.further(row[1:])
	}
	if w.err != nil {
		return dst, fmt.Errorf("journal: event of message %s: %w", row[0].MessageID, w.err)
	}
	return append(w.dst, '}'), nil
}

const (
	// formBlock is how many bytes of stored forms share one allocation.
	formBlock = 16 << 10
	// formRoom is about what a short turn takes.
	formRoom = 512
)

// encodeRows returns one row for each group. Their bodies share memory, a block at a time.
func encodeRows(groups [][]channels.Event, textless bool) ([]EventRow, error) {
	rows := make([]EventRow, len(groups))
	var block []byte
	for i, group := range groups {
		kept := group
		if textless {
			kept = withoutText(group)
		}
		if cap(block)-len(block) < formRoom {
			block = make([]byte, 0, min(formBlock, (len(groups)-i)*formRoom))
		}
		from := len(block)
		var err error
		if block, err = appendForm(block, kept); err != nil {
			return nil, err
		}
		rows[i] = EventRow{Event: group[0], Further: len(group) - 1, Body: block[from:len(block):len(block)]}
	}
	return rows, nil
}

func withoutText(es []channels.Event) []channels.Event {
	kept := make([]channels.Event, len(es))
	for i, e := range es {
		kept[i] = e.WithoutText()
	}
	return kept
}
