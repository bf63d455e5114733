// Package echo is the agent that repeats each message, and on request shows every kind of
// reply. It is there for a first look and for tests.
package echo

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Type lists the agent.
func Type() agents.Type {
	return agents.Type{
		Name: "echo", Suggestions: []string{"Hello!", "What can you do?", "/help"},
		New: func() agents.Config { return &Config{Pause: 50 * time.Millisecond} },
	}
}

// Config is the block "agent: {type: echo}".
type Config struct {
	// Pause is the time between the pieces of /stream. Default 50ms.
	Pause time.Duration `yaml:"pause"`
}

// Validate checks pause.
func (c *Config) Validate() error {
	if c.Pause < 0 {
		return fmt.Errorf("pause: expected 0 or more")
	}
	return nil
}

// Open returns the agent.
func (c *Config) Open(agents.Env) (agents.Agent, error) { return &Agent{Pause: c.Pause}, nil }

// Agent repeats each text. A text that begins with one of the commands of /help does
// what the command says.
type Agent struct {
	// Pause is the time between the pieces of /stream.
	Pause time.Duration
}

// maxPieces bounds /stream, maxSeconds /slow.
const (
	maxPieces  = 1000
	maxSeconds = 600
)

type command struct {
	name, argument, help string
	run                  func(a *Agent, ctx context.Context, t agents.Turn, argument string, r channels.Replier) error
}

func commands() []command {
	return []command{
		{"/help", "", "this list", (*Agent).help},
		{"/buttons", "", "a text with buttons", reply(channels.Reply{Text: "Do you like it?", Buttons: yesNo()})},
		{"/image", "", "an image", reply(channels.Reply{Image: picture})},
		{"/custom", "", "custom JSON", reply(channels.Reply{Custom: json.RawMessage(`{"kind":"weather","celsius":21.5}`)})},
		{"/attachment", "", "an attachment", reply(channels.Reply{Attachment: json.RawMessage(`{"type":"file","payload":{"src":"https://example.com/terms.pdf"}}`)})},
		{"/elements", "", "cards", reply(channels.Reply{Elements: cards()})},
		{"/quick", "", "quick replies", reply(channels.Reply{Text: "Pick one", QuickReplies: yesNo()})},
		{"/paragraphs", "", "one text with blank lines", reply(channels.Reply{Text: "One.\n\nTwo.\n\nThree."})},
		{"/stream", "N", "a text in N pieces", (*Agent).stream},
		{"/slow", "SECONDS", "an answer after a while", (*Agent).slow},
		{"/error", "", "a failure", (*Agent).fail},
		{"/silent", "", "no reply", (*Agent).silent},
		{"/meta", "", "the metadata, as custom JSON", (*Agent).meta},
	}
}

// Answer repeats the text or runs the command it begins with.
func (a *Agent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if strings.HasPrefix(t.Message.Text, "/") {
		word, argument, _ := strings.Cut(t.Message.Text, " ")
		for _, c := range commands() {
			if c.name == word {
				return c.run(a, ctx, t, strings.TrimSpace(argument), r)
			}
		}
	}
	return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
}

func (a *Agent) help(ctx context.Context, _ agents.Turn, _ string, r channels.Replier) error {
	var b strings.Builder
	b.WriteString("I repeat what you write. I also know:")
	for _, c := range commands() {
		fmt.Fprintf(&b, "\n%s - %s", strings.TrimSpace(c.name+" "+c.argument), c.help)
	}
	return r.Reply(ctx, channels.Reply{Text: b.String()})
}

func (a *Agent) stream(ctx context.Context, _ agents.Turn, argument string, r channels.Replier) error {
	n, ok := number(argument, 5, maxPieces)
	if !ok {
		return r.Reply(ctx, channels.Reply{Text: fmt.Sprintf("Write /stream and a number from 1 to %d.", maxPieces)})
	}
	var whole strings.Builder
	for i := range n {
		if i > 0 {
			if err := sleep(ctx, a.Pause); err != nil {
				return err
			}
		}
		piece := fmt.Sprintf("piece %d ", i+1)
		whole.WriteString(piece)
		if err := r.Delta(ctx, piece); err != nil {
			return err
		}
	}
	return r.Reply(ctx, channels.Reply{Text: whole.String()})
}

func (a *Agent) slow(ctx context.Context, _ agents.Turn, argument string, r channels.Replier) error {
	n, ok := number(argument, 3, maxSeconds)
	if !ok {
		return r.Reply(ctx, channels.Reply{Text: fmt.Sprintf("Write /slow and a number from 1 to %d.", maxSeconds)})
	}
	if err := sleep(ctx, time.Duration(n)*time.Second); err != nil {
		return err
	}
	return r.Reply(ctx, channels.Reply{Text: fmt.Sprintf("That took %d s.", n)})
}

func (a *Agent) fail(context.Context, agents.Turn, string, channels.Replier) error {
	return channels.Errorf(channels.CodeAgentFailed, "agent echo: failed, as /error asks")
}

func (a *Agent) silent(context.Context, agents.Turn, string, channels.Replier) error { return nil }

func (a *Agent) meta(ctx context.Context, t agents.Turn, _ string, r channels.Replier) error {
	if t.Message.Metadata == nil {
		return r.Reply(ctx, channels.Reply{Text: "The message had no metadata."})
	}
	return r.Reply(ctx, channels.Reply{Custom: t.Message.Metadata})
}

// reply makes a command that gives one reply.
func reply(what channels.Reply) func(*Agent, context.Context, agents.Turn, string, channels.Replier) error {
	return func(_ *Agent, ctx context.Context, _ agents.Turn, _ string, r channels.Replier) error {
		return r.Reply(ctx, what)
	}
}

// picture is a drawing that needs no network: a green circle.
const picture = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='120' height='120'%3E" +
	"%3Ccircle cx='60' cy='60' r='50' fill='%232a9d8f'/%3E%3C/svg%3E"

func yesNo() []channels.Button {
	return []channels.Button{{Title: "Yes", Payload: "/affirm"}, {Title: "No", Payload: "/deny"}}
}

func cards() []channels.Element {
	return []channels.Element{
		{Title: "First card", Subtitle: "with buttons", Buttons: yesNo()},
		{Title: "Second card", Subtitle: "without"},
	}
}

// number reads a count from 1 to most; an empty text is the fallback.
func number(text string, fallback, most int) (int, bool) {
	if text == "" {
		return fallback, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && 1 <= n && n <= most
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var _ agents.Agent = (*Agent)(nil)
