package channels

import "encoding/json"

// How large what an agent says may be, in bytes. docs/delivery.md promises these limits, and
// every way out keeps to them alike: collected, streamed, callback, sockets and platforms.
const (
	// MaxReply is the largest reply, such as one with an image in a data: URL.
	MaxReply = 16 << 20
	// MaxAnswer is what the replies of one turn may have together. Who collects them holds
	// them all in memory.
	MaxAnswer = 2 * MaxReply
)

// ErrAnswerTooLarge is the error of a turn whose agent gave more than that. To run it again
// would not help.
var ErrAnswerTooLarge = Errorf(CodeTooLarge,
	"the assistant's answer is too large: one reply may have %d MiB, and all of one turn %d MiB", MaxReply>>20, MaxAnswer>>20)

// Size returns how many bytes a reply holds: its texts and its JSON values. Its JSON as an
// agent sends it is never smaller.
func (r *Reply) Size() int {
	size := len(r.Text) + len(r.Image) + len(r.Attachment) + len(r.Custom) +
		buttonsSize(r.Buttons) + buttonsSize(r.QuickReplies) + extraSize(r.Extra)
	for i := range r.Elements {
		e := &r.Elements[i]
		size += len(e.Title) + len(e.Subtitle) + buttonsSize(e.Buttons) + extraSize(e.Extra)
	}
	return size
}

func buttonsSize(buttons []Button) (size int) {
	for i := range buttons {
		size += len(buttons[i].Title) + len(buttons[i].Payload) + extraSize(buttons[i].Extra)
	}
	return size
}

func extraSize(extra map[string]json.RawMessage) (size int) {
	for key, value := range extra {
		size += len(key) + len(value)
	}
	return size
}
