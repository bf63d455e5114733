package channels_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Board is a channel that shows each reply on a board while it grows. A real one makes a
// platform call where this one writes to the board.
type Board struct {
	lines []string
}

// Inbound returns nil: the channel has no webhook.
func (b *Board) Inbound(channels.Inbox) http.Handler { return nil }

// Send shows a reply that is complete from the start.
func (b *Board) Send(_ context.Context, p channels.Part) (channels.Receipt, error) {
	b.lines = append(b.lines, p.Reply.Text)
	return channels.Receipt{ID: fmt.Sprint(len(b.lines) - 1), Time: time.Now()}, nil
}

// Open shows the text so far. The receipt names the line for the other calls.
func (b *Board) Open(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	p.Reply.Text += "…"
	return b.Send(ctx, p)
}

// Append shows what was added. This board replaces lines, so it takes the whole text.
func (b *Board) Append(_ context.Context, p channels.Part, r channels.Receipt, _ string) error {
	line, err := b.find(r)
	if err == nil {
		*line = p.Reply.Text + "…"
	}
	return err
}

// Close shows the complete text.
func (b *Board) Close(_ context.Context, p channels.Part, r channels.Receipt, _ string) (channels.Receipt, error) {
	line, err := b.find(r)
	if err == nil {
		*line = p.Reply.Text
	}
	return r, err
}

// Limits says how often a line may change, and how long it may be.
func (b *Board) Limits() channels.Limits {
	return channels.Limits{
		Edit: channels.Rate{Count: 1, Per: time.Second},
		Live: channels.LiveLimits{Max: 4096, Unit: channels.UnitUTF16},
	}
}

// find finds a line. One that was wiped away will never take an edit.
func (b *Board) find(r channels.Receipt) (*string, error) {
	var i int
	if _, err := fmt.Sscan(r.ID, &i); err != nil || i >= len(b.lines) {
		return nil, &channels.SendError{Class: channels.SendGone, Code: "no_such_line", Err: err}
	}
	return &b.lines[i], nil
}

// A Streamer shows a reply while the agent writes it. The service calls Open once, Append as
// often as Limits.Edit allows, and Close in the end.
func ExampleStreamer() {
	ctx, board := context.Background(), &Board{}
	p := channels.Part{ID: "p1", Channel: "board", Sender: "ann"}
	p.Reply.Text = "Your table"
	receipt, _ := board.Open(ctx, p)
	fmt.Println(strings.Join(board.lines, "\n"))
	p.Reply.Text = "Your table is"
	_ = board.Append(ctx, p, receipt, " is")
	fmt.Println(strings.Join(board.lines, "\n"))
	p.Reply.Text = "Your table is ready."
	_, _ = board.Close(ctx, p, receipt, " ready.")
	fmt.Println(strings.Join(board.lines, "\n"))
	// Output:
	// Your table…
	// Your table is…
	// Your table is ready.
}

var (
	_ channels.Sender   = (*Board)(nil)
	_ channels.Streamer = (*Board)(nil)
	_ channels.Limited  = (*Board)(nil)
)
