package journal

import (
	"cmp"
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Outbox is the part of a Journal that keeps the replies still to be sent.
type Outbox interface {
	// NextPart waits for a part that is first in its conversation's outbox and due,
	// of a channel that is open, and returns it claimed. It returns ctx's error when
	// ctx ends. A row that can't be read becomes a dead letter of KindUnreadable, and
	// NextPart goes on waiting.
	NextPart(ctx context.Context) (Delivery, error)

	// SettlePart commits the outcome of one attempt to send a part. It fails with
	// ErrFenced as Settle does.
	SettlePart(ctx context.Context, c Claim, o PartOutcome) error

	// KeepLive commits how far a claimed live part has come, also when its turn has ended and
	// has not completed it; the claim stays. It fails with ErrFenced as SettlePart does. A part
	// with another id takes the place of the one before in the same row (a roll-over): its
	// attempts start at 0. When the part was completed meanwhile, the completed text stays and
	// the rest is committed; of a roll-over the events alone, since the completed part is the
	// one before it. When its outcome is not known, the same progress may be committed again: it
	// is not committed twice.
	KeepLive(ctx context.Context, c Claim, p LiveProgress) error

	// OpenOutbox names the channels whose parts NextPart may return, and how many parts
	// of each this process may have claimed at once. A part that grows when it is claimed
	// takes no slot, until that claim ends; of a channel without any it is not returned
	// either. At first no channel is open; parts of the others wait. Each call replaces the
	// list; claims that are in force stay.
	OpenOutbox(slots map[string]int)

	// Wake says that the conversation's reader is connected to this process. Its first
	// part, if there is one, is due now; if it is claimed, wherever that is, it is due
	// again as soon as SettlePart has put it back, whatever the outcome says. Further
	// parts are given to no other process, whoever stores them, until Gone takes that
	// back or this process dies; a part that another has claimed already stays its own
	// until it is settled, and one that grows is given to the process of its turn. When
	// several processes say Wake, the last has the reader. Wake may be said again, and of a
	// conversation that never was.
	Wake(ctx context.Context, c channels.Conversation) error

	// Gone says that the conversation's reader has left this process: its parts are
	// given to any. One Gone takes back every Wake of this process, and none of another.
	Gone(ctx context.Context, c channels.Conversation) error

	// Push stores parts that are no turn's, with their events. A key that is known
	// already changes nothing and is returned instead.
	Push(ctx context.Context, p Push) (*Known, error)

	// Address returns the address of the conversation's last message that had a turn.
	// Known is false when there was none.
	Address(ctx context.Context, c channels.Conversation) (address string, known bool, err error)
}

// Push is what somebody else than a turn sends. All of it belongs to one conversation.
type Push struct {
	Key Key
	// Digest is that of what is sent.
	Digest []byte
	// Window is how long the key is remembered.
	Window time.Duration
	Parts  []channels.Part
	Events []channels.Event
}

// Delivery is a claimed part.
type Delivery struct {
	Claim
	Part channels.Part
	// Live is nil for a part that was complete before it was opened: one that never grew,
	// was completed or lost its turn by then.
	Live *Live
	// Attempts counts the earlier attempts that count.
	Attempts int
	// Stored is when the part was stored. It has a reading of the monotonic clock, so
	// that the age does not jump when the wall clock is set while the program runs.
	Stored time.Time
	// Doubtful says that a program may have sent the part, or opened or closed its message, and
	// ended before it could settle that: it was killed, or its claim was taken over. It is
	// said until SettlePart counts an attempt or KeepLive commits something.
	Doubtful bool
	// Certain reports whether the claim is certain to be this process's still. It is asked
	// right before the part is sent. Once it reports false it never reports true again: the
	// part must not be sent under this claim, but be put back, due at once and without an
	// attempt counted, which fails with ErrFenced if another process has it. Nil is a claim
	// that lasts as long as the process.
	Certain func() bool
}

// IsCertain reports whether the claim is certain to be this process's still: see Certain.
func (d *Delivery) IsCertain() bool { return d.Certain == nil || d.Certain() }

// PartOutcome is the outcome of one attempt to send a part.
type PartOutcome struct {
	// Sent takes the part out of the outbox. The further fields but Events then mean
	// nothing.
	Sent bool
	// Shown is the part that was sent, of a channel whose parts may have choices: see
	// Offer.Open. Nil leaves open what is.
	Shown *channels.Part
	// Expired takes it out too: it was not sent, and need not be any more.
	Expired bool
	// Dead makes the part a dead letter, of Kind.
	Dead bool
	// Kind is KindUndelivered or KindExpired; empty means KindUndelivered.
	Kind string
	// Retry is when a part that stays in the outbox is due again.
	Retry time.Time
	// Counts says that the attempt counts against the limit of attempts.
	Counts bool
	// Reason is for people; it holds no text of a message and no secret.
	Reason string
	// Events are appended, as in Step.
	Events []channels.Event
}

// DeadKind is the kind of the dead letter that the part becomes.
func (o *PartOutcome) DeadKind() string { return cmp.Or(o.Kind, KindUndelivered) }
