package agents_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/channels"
)

// Clerk is an agent that knows the opening hours of some shops.
type Clerk struct {
	Hours map[string]string
}

// Answer gives the hours of a shop, or asks which one is meant.
func (c *Clerk) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if len(c.Hours) == 0 { // the caller sees code and message of a *channels.Error
		return channels.Errorf(channels.CodeAgentFailed, "the opening hours are not known")
	}
	if hours, ok := c.Hours[t.Message.Text]; ok {
		return r.Reply(ctx, channels.Reply{Text: "Open " + hours + "."})
	}
	return r.Reply(ctx, channels.Reply{
		Text: "Which shop?", Buttons: []channels.Button{{Title: "Harbour", Payload: "harbour"}},
	})
}

// An agent answers each turn through a Replier and returns when the turn is over. Here
// the Replier is a Collector; in the program it is the service's.
func ExampleAgent() {
	clerk := &Clerk{Hours: map[string]string{"harbour": "8 to 18"}}
	for _, text := range []string{"When do you open?", "harbour"} {
		var c channels.Collector
		turn := agents.Turn{Message: channels.Message{Sender: "ann", Text: text}}
		if err := clerk.Answer(context.Background(), turn, &c); err != nil {
			fmt.Println(err)
		}
		for _, r := range c.Replies {
			fmt.Println(r.Text, len(r.Buttons))
		}
	}
	err := new(Clerk).Answer(context.Background(), agents.Turn{}, &channels.Collector{})
	var e *channels.Error
	fmt.Println(errors.As(err, &e), err)
	// Output:
	// Which shop? 1
	// Open 8 to 18. 0
	// true the opening hours are not known
}

// Func makes an agent of a function. This one sends its text in pieces as they come, and
// the whole text as the reply that completes them.
func ExampleFunc() {
	count := agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		for _, piece := range []string{"one, ", "two, ", "three"} {
			if err := r.Delta(ctx, piece); err != nil {
				return err
			}
		}
		return r.Reply(ctx, channels.Reply{Text: "one, two, three"})
	})
	var c channels.Collector
	err := count.Answer(context.Background(), agents.Turn{}, &c)
	fmt.Println(c.Replies[0].Text, err)
	// Output: one, two, three <nil>
}

var _ agents.Agent = (*Clerk)(nil)

// An agent reads what a user sent, wherever it is kept.
func ExampleTurn_Open() {
	agent := agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		m, err := t.Open(ctx, t.Message.Attachments[0])
		if err != nil {
			return err
		}
		defer m.Close()
		text, err := io.ReadAll(m)
		if err != nil {
			return err
		}
		return r.Reply(ctx, channels.Reply{Text: "You sent: " + string(text)})
	})
	turn := agenttest.Turn("ann", "")
	turn.Message.Attachments = []channels.Attachment{{Type: "file", Ref: "r1"}}
	turn.Media = agenttest.Media{"r1": "the minutes"}
	var c channels.Collector
	fmt.Println(agent.Answer(context.Background(), turn, &c), c.Replies[0].Text)
	// Output: <nil> You sent: the minutes
}
