package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
)

// fakeAgent is the echo agent with more commands, for what a page must withstand.
type fakeAgent struct {
	echo agents.Agent

	mu    sync.Mutex
	turns map[string]int // by text
	// released has /held go on, in whatever conversation it is.
	released chan struct{}
}

type fakeAgentConfig struct{}

func fakeAgentType() agents.Type {
	return agents.Type{Name: "fake", New: func() agents.Config { return &fakeAgentConfig{} }}
}

func (*fakeAgentConfig) Validate() error { return nil }

func (*fakeAgentConfig) Open(agents.Env) (agents.Agent, error) {
	return &fakeAgent{echo: &echo.Agent{Pause: 50 * time.Millisecond}, turns: map[string]int{}, released: make(chan struct{})}, nil
}

// markup is a reply of an assistant that somebody has tampered with.
const markup = `<script>window.hacked=1</script><img src=x onerror="window.hacked=1">` +
	` [a](javascript:window.hacked=1) **<b onclick="hacked=1">bold</b>** &lt;i&gt; <a href="//evil.example">x</a>`

// Answer runs the command that a text begins with, or leaves the text to echo.
func (f *fakeAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	text := t.Message.Text
	command, argument, _ := strings.Cut(text, " ")
	nth := f.count(text)
	if len(t.Message.Attachments) > 0 {
		return files(ctx, t, r)
	}
	switch command {
	case "/turns": // how often a text has had a turn
		return say(ctx, r, fmt.Sprintf("%d turns", f.counted(argument)))
	case "/markup":
		return say(ctx, r, markup)
	case "/many":
		return many(ctx, r, argument)
	case "/two": // a piece, a pause, and the rest
		return two(ctx, r, argument)
	case "/held": // a piece, and the rest once /release has come
		return f.hold(ctx, r)
	case "/release":
		select {
		case f.released <- struct{}{}:
			return say(ctx, r, "Released.")
		case <-ctx.Done():
			return ctx.Err()
		}
	case "/flaky":
		if nth == 1 {
			return channels.Errorf(channels.CodeAgentFailed, "agent fake: a bad start")
		}
		return say(ctx, r, "All well now.")
	case "/busy":
		if nth == 1 {
			return agents.NotReached(&channels.Error{Code: channels.CodeOverloaded, Message: "too much to do", RetryAfter: 2 * time.Second})
		}
		return say(ctx, r, "Free again.")
	case "/break":
		return broken(ctx, r)
	}
	if known, err := rich(ctx, command, argument, r); known {
		return err
	}
	return f.echo.Answer(ctx, t, r)
}

// files says what came with the message, having read it all.
func files(ctx context.Context, t agents.Turn, r channels.Replier) error {
	var lines []string
	for _, a := range t.Message.Attachments {
		medium, err := t.Open(ctx, a)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, medium)
		if err := errors.Join(err, medium.Close()); err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %d", a.Type, a.MIME, a.Name, n))
	}
	return say(ctx, r, "Got "+strings.Join(lines, ", "))
}

func (f *fakeAgent) count(text string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turns[text]++
	return f.turns[text]
}

func (f *fakeAgent) counted(text string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.turns[text]
}

func say(ctx context.Context, r channels.Replier, text string) error {
	return r.Reply(ctx, channels.Reply{Text: text})
}

func many(ctx context.Context, r channels.Replier, argument string) error {
	n, err := strconv.Atoi(argument)
	if err != nil {
		return err
	}
	for i := range n {
		if err := say(ctx, r, fmt.Sprintf("Reply %d with **some** words and a https://example.com/%d in it.", i+1, i+1)); err != nil {
			return err
		}
	}
	return nil
}

func two(ctx context.Context, r channels.Replier, milliseconds string) error {
	pause, err := strconv.Atoi(milliseconds)
	if err != nil {
		return err
	}
	if err := r.Delta(ctx, "first half, "); err != nil {
		return err
	}
	select {
	case <-time.After(time.Duration(pause) * time.Millisecond):
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := r.Delta(ctx, "second half"); err != nil {
		return err
	}
	return say(ctx, r, "first half, second half")
}

func (f *fakeAgent) hold(ctx context.Context, r channels.Replier) error {
	if err := r.Delta(ctx, "first half, "); err != nil {
		return err
	}
	select {
	case <-f.released:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := r.Delta(ctx, "second half"); err != nil {
		return err
	}
	return say(ctx, r, "first half, second half")
}

func broken(ctx context.Context, r channels.Replier) error {
	if err := say(ctx, r, "As I was saying"); err != nil {
		return err
	}
	return channels.Errorf(channels.CodeAgentFailed, "agent fake: lost the thread")
}

var _ agents.Agent = (*fakeAgent)(nil)
