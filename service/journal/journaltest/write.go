package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// write brings the store to where a method of journal.Journal has something to write, and
// returns a call of that method. A call that failed may be repeated.
type write func(h *harness) (call func(ctx context.Context) error)

// writes are the methods that change something in every store, by name.
var writes = map[string]write{
	"Enqueue": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := h.Enqueue(ctx, entries(message("ann", "1"))...)
			return err
		}
	},
	"Refuse": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := h.Refuse(ctx, 9, entries(message("ann", "1"))...)
			return err
		}
	},
	"Next": func(h *harness) func(context.Context) error {
		h.inbox.enqueueNew("ann", "1")
		return func(ctx context.Context) error { _, err := h.Next(ctx); return err }
	},
	"Settle": func(h *harness) func(context.Context) error {
		h.inbox.enqueueNew("ann", "1")
		claim, step := h.inbox.next("1").Claim, journal.Step{Parts: []channels.Part{part("ann", "p")}}
		return func(ctx context.Context) error { return h.Settle(ctx, claim, step) }
	},
	"Begin": func(h *harness) func(context.Context) error {
		lock := h.asks.acquire()
		h.Cleanup(lock.Release)
		return func(ctx context.Context) error {
			_, _, err := h.Begin(ctx, lock, entries(message("ann", "1"))[0], nil)
			return err
		}
	},
	"SettleAsk": func(h *harness) func(context.Context) error {
		lock := h.asks.acquire()
		h.Cleanup(lock.Release)
		asked, step := h.asks.begin(lock, message("ann", "1"), "digest"), replyStep("1", channels.Reply{Text: "a"})
		return func(ctx context.Context) error { return h.SettleAsk(ctx, asked, step) }
	},
	"SettlePart": func(h *harness) func(context.Context) error {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		claim := h.outbox.next("a").Claim
		return func(ctx context.Context) error { return h.SettlePart(ctx, claim, journal.PartOutcome{Sent: true}) }
	},
	"KeepLive": func(h *harness) func(context.Context) error {
		h.OpenOutbox(Slots("web"))
		h.live.beginNew()
		claim, p := h.outbox.next("l").Claim, journal.LiveProgress{Part: grown("l", "so far"), Receipt: receipt("r")}
		return func(ctx context.Context) error { return h.KeepLive(ctx, claim, p) }
	},
	"Unite": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := h.Unite(ctx, ann.Channel, []string{"ann", "a"})
			return err
		}
	},
	"Push": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error { _, err := h.Push(ctx, pushOf("1", "a")); return err }
	},
	"AppendEvents": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error { return h.AppendEvents(ctx, messageEvent("ann", "1")) }
	},
	"Replay": func(h *harness) func(context.Context) error {
		h.deadLetters.add("1")
		id := h.deadLetters.want("1")[0].ID
		return func(ctx context.Context) error { _, err := h.Replay(ctx, id); return err }
	},
	"Drop": func(h *harness) func(context.Context) error {
		h.deadLetters.add("1")
		id := h.deadLetters.want("1")[0].ID
		return func(ctx context.Context) error { _, err := h.Drop(ctx, id); return err }
	},
	"Forget": func(h *harness) func(context.Context) error {
		h.inbox.enqueueNew("ann", "1")
		return func(ctx context.Context) error { _, err := h.Forget(ctx, ann); return err }
	},
	"Setting": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error { _, err := h.Setting(ctx, "token", "a"); return err }
	},
	"PauseConversation": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := h.PauseConversation(ctx, journal.Paused{Conversation: ann})
			return err
		}
	},
	"ResumeConversation": func(h *harness) func(context.Context) error {
		h.pause(ann, "")
		return func(ctx context.Context) error { _, err := h.ResumeConversation(ctx, ann); return err }
	},
	"PutMedium": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error { return h.PutMedium(ctx, medium("r"), mediumLife) }
	},
	"HoldMedia": func(h *harness) func(context.Context) error {
		h.media.put(medium("r"))
		return func(ctx context.Context) error {
			_, err := h.HoldMedia(ctx, keyOf("ann", "1"), mediumLife, "r")
			return err
		}
	},
	"DropMedia": func(h *harness) func(context.Context) error {
		h.media.put(medium("r"))
		h.media.hold("", keyOf("ann", "1"), "r")
		return func(ctx context.Context) error { return h.DropMedia(ctx, keyOf("ann", "1"), "r") }
	},
	"Sweep": func(h *harness) func(context.Context) error {
		h.inbox.enqueueNew("ann", "1")
		time.Sleep(window)
		return func(ctx context.Context) error { _, err := h.Sweep(ctx, 9); return err }
	},
}

// sharedWrites are the methods that change something only in a store that several
// processes share.
var sharedWrites = map[string]write{
	"Acquire": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error {
			lock, err := h.Acquire(ctx, ann, 9)
			if err == nil {
				h.Cleanup(lock.Release)
			}
			return err
		}
	},
	"NextPart": func(h *harness) func(context.Context) error {
		h.OpenOutbox(Slots("web"))
		h.outbox.pushParts("1", "a")
		return func(ctx context.Context) error { _, err := h.NextPart(ctx); return err }
	},
	"Wake": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error { return h.Wake(ctx, ann) }
	},
	"Gone": func(h *harness) func(context.Context) error {
		h.outbox.wake(ann)
		return func(ctx context.Context) error { return h.Gone(ctx, ann) }
	},
	"Lease": func(h *harness) func(context.Context) error {
		return func(ctx context.Context) error {
			_, release, err := h.Lease(ctx, "web")
			if err == nil {
				h.Cleanup(release)
			}
			return err
		}
	},
}

// reads are the methods that change nothing, by name.
var reads = map[string]func(h *harness, ctx context.Context) error{
	"Recall":      func(h *harness, ctx context.Context) error { _, err := h.Recall(ctx, keyOf("ann", "1")); return err },
	"Choices":     func(h *harness, ctx context.Context) error { _, err := h.Choices(ctx, ann); return err },
	"Address":     func(h *harness, ctx context.Context) error { _, _, err := h.Address(ctx, ann); return err },
	"DeadLetters": func(h *harness, ctx context.Context) error { _, err := h.DeadLetters(ctx, "", 0, 9); return err },
	"History":     func(h *harness, ctx context.Context) error { _, err := h.History(ctx, ann, 9); return err },
	"Newest":      func(h *harness, ctx context.Context) error { _, err := h.Newest(ctx); return err },
	"Queued":      func(h *harness, ctx context.Context) error { _, err := h.Queued(ctx, ann, 9); return err },
	"Depth":       func(h *harness, ctx context.Context) error { _, err := h.Depth(ctx); return err },
	"Waiting":     func(h *harness, ctx context.Context) error { _, err := h.Waiting(ctx); return err },
	"Medium":      func(h *harness, ctx context.Context) error { _, err := h.Medium(ctx, "web", "r"); return err },
	"MediaUse":    func(h *harness, ctx context.Context) error { _, _, err := h.MediaUse(ctx, "web", "ann"); return err },
	"Ids":         func(h *harness, ctx context.Context) error { _, err := h.Ids(ctx, ann); return err },
	"IsPaused":    func(h *harness, ctx context.Context) error { _, err := h.IsPaused(ctx, ann); return err },
	"Paused":      func(h *harness, ctx context.Context) error { _, _, err := h.Paused(ctx, 9); return err },
	"Events": func(h *harness, ctx context.Context) error {
		_, err := h.Events(ctx, journal.EventFilter{}, 0, 9)
		return err
	},
}
