package agenttest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/channels"
)

// lineExchange is a turn of a peer that answers with an event per line.
type lineExchange struct{ *agenttest.HTTPExchange }

func (x lineExchange) Delta(text string)  { x.event("delta", text) }
func (x lineExchange) Reply(text string)  { x.event("text", text) }
func (x lineExchange) Custom(text string) { x.Raw(`{"custom": ` + text + "}\n") }

func (x lineExchange) event(key, text string) {
	line, _ := channels.Marshal(map[string]string{key: text})
	x.Raw(string(line) + "\n")
}

// lineAgent asks that peer. Each field is a fault.
type lineAgent struct {
	url   string
	token string
	stage agenttest.Stage

	reversed, buffers, loose, deaf, patient, silentOnCut, asksAgain   bool
	takesAnything, short, unbounded, panics, logs, noAttempt, noPause bool
	mark                                                              func(err error, sent bool) error
}

// mark is what an agent should do.
func mark(err error, sent bool) error {
	if sent {
		return err
	}
	return agents.NotReached(err)
}

func failed(err error) error {
	return &channels.Error{Code: channels.CodeAgentFailed, Message: "agent lines: failed", Err: err}
}

// isDial reports whether an error is that of a connection that was never made.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func (a *lineAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	own := ctx
	if a.deaf { // the peer's turn goes on when ours has ended
		own = context.WithoutCancel(ctx)
	}
	req, err := http.NewRequestWithContext(own, http.MethodPost, a.url, strings.NewReader(t.Message.Text))
	if err != nil {
		return failed(err)
	}
	req.Header.Set("Authorization", a.token)
	if !a.noAttempt {
		req.Header.Set("Manyvox-Attempt", strconv.Itoa(t.Attempt))
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil && a.asksAgain {
		again := req.Clone(own)
		again.Body = io.NopCloser(strings.NewReader(t.Message.Text))
		res, err = http.DefaultTransport.RoundTrip(again)
	}
	switch {
	case ctx.Err() != nil:
		return a.mark(channels.AsError(ctx.Err()), true)
	case err != nil:
		return a.mark(failed(errors.New("no answer")), !isDial(err))
	}
	if !a.deaf { // else the peer could tell by that
		defer res.Body.Close()
	}
	if res.StatusCode != http.StatusOK {
		return a.refused(res)
	}
	if a.deaf && !a.patient {
		return a.leave(ctx, res.Body, r)
	}
	return a.read(ctx, res.Body, r)
}

// leave gives what comes, and ends with ctx while the peer speaks on.
func (a *lineAgent) leave(ctx context.Context, body io.Reader, r channels.Replier) error {
	done := make(chan error, 1)
	go func() { done <- a.read(ctx, body, r) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return channels.AsError(ctx.Err())
	}
}

func (a *lineAgent) refused(res *http.Response) error {
	if a.logs {
		page, _ := io.ReadAll(res.Body)
		a.stage.Log.Warn("refused", "page", string(page))
	}
	err := &channels.Error{Code: channels.CodeAgentFailed, Message: "agent lines: " + res.Status}
	busy := res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable
	if busy {
		err.Code = channels.CodeOverloaded
		if !a.noPause {
			err.RetryAfter = channels.ReadRetryAfter(res.Header)
		}
	}
	return a.mark(err, !busy)
}

func (a *lineAgent) read(ctx context.Context, body io.Reader, r channels.Replier) error {
	var replies []channels.Reply
	lines, size := bufio.NewReader(body), 0
	for {
		line, err := lines.ReadBytes('\n')
		if size += len(line); size > 3*channels.MaxAnswer/2 && !a.unbounded {
			return channels.ErrAnswerTooLarge
		}
		switch {
		case ctx.Err() != nil:
			return a.mark(channels.AsError(ctx.Err()), true)
		case err != nil && !errors.Is(err, io.EOF) && !a.silentOnCut:
			return a.mark(failed(errors.New("broken")), true)
		}
		if err := a.forward(ctx, bytes.TrimSpace(line), r, &replies); err != nil {
			return err
		}
		if err != nil {
			break
		}
	}
	if a.reversed {
		slices.Reverse(replies)
	}
	for _, reply := range replies {
		if err := r.Reply(ctx, reply); err != nil {
			return err
		}
	}
	return nil
}

func (a *lineAgent) forward(ctx context.Context, line []byte, r channels.Replier, kept *[]channels.Reply) error {
	var event struct {
		Delta  *string
		Text   *string
		Custom json.RawMessage
	}
	if a.takesAnything && len(line) > 0 && line[0] != '{' {
		return r.Reply(ctx, channels.Reply{Text: string(line)})
	}
	if len(line) == 0 {
		return nil
	}
	if a.panics && bytes.Contains(line, []byte("[[[[")) {
		panic("too deep")
	}
	err := json.Unmarshal(line, &event)
	switch {
	case a.loose && bytes.Contains(line, []byte(`"custom"`)):
		return r.Reply(ctx, channels.Reply{Custom: line[11 : len(line)-1]})
	case err != nil:
		return a.mark(failed(fmt.Errorf("no event: %w", errors.New("bad line"))), true)
	case event.Delta != nil && a.buffers:
		return nil
	case event.Delta != nil:
		return r.Delta(ctx, *event.Delta)
	case event.Text == nil && event.Custom == nil:
		return a.mark(failed(errors.New("an event of no kind")), true)
	}
	reply := channels.Reply{Custom: event.Custom}
	if event.Text != nil {
		reply.Text = *event.Text
	}
	if a.short {
		reply.Text = reply.Text[:min(len(reply.Text), 1<<20)]
	}
	if a.reversed || a.buffers {
		*kept = append(*kept, reply)
		return nil
	}
	return r.Reply(ctx, reply)
}

// linePeer is a Peer whose agent has a fault.
func linePeer(fault func(*lineAgent)) agenttest.Peer {
	return agenttest.Peer{Open: func(t *testing.T, s agenttest.Stage) agents.Agent {
		url := agenttest.ListenHTTP(t, s, func(x *agenttest.HTTPExchange) agenttest.Exchange { return lineExchange{x} })
		a := &lineAgent{url: url, token: s.Secret.Reveal(), stage: s, mark: mark}
		fault(a)
		return a
	}}
}

func TestPeer(t *testing.T) {
	t.Parallel()
	open := func(*testing.T) agents.Agent { return agents.Func(good) }
	agenttest.Contract(t, open, linePeer(func(*lineAgent) {}))
}

// TestPeerFails makes each check on an agent with the fault that it looks for.
func TestPeerFails(t *testing.T) {
	t.Parallel()
	all := func(err error, _ bool) error { return agents.NotReached(err) }
	none := func(err error, _ bool) error { return err }
	checked := map[string]bool{}
	for _, c := range []struct {
		check, fault string
		make         func(*lineAgent)
	}{
		{"gives the replies in order", "reversed", func(a *lineAgent) { a.reversed = true }},
		{"gives each reply as it comes", "kept to the end", func(a *lineAgent) { a.buffers = true }},
		{"gives each piece of a text as it comes", "no pieces", func(a *lineAgent) { a.buffers = true }},
		{"ends its peer's turn when canceled", "left alone", func(a *lineAgent) { a.deaf = true }},
		{"ends its peer's turn when canceled", "never ends", func(a *lineAgent) { a.deaf, a.patient = true, true }},
		{"ends its peer's turn when canceled", "all marked", func(a *lineAgent) { a.mark = all }},
		{"ends its peer's turn at the deadline", "left alone", func(a *lineAgent) { a.deaf = true }},
		{"ends its peer's turn at the deadline", "all marked", func(a *lineAgent) { a.mark = all }},
		{"ends when its peer never answers", "never ends", func(a *lineAgent) { a.deaf, a.patient = true, true }},
		{"has not reached a peer that is not there", "none marked", func(a *lineAgent) { a.mark = none }},
		{"has reached a peer that answers 4xx", "all marked", func(a *lineAgent) { a.mark = all }},
		{"has reached a peer that answers 5xx", "all marked", func(a *lineAgent) { a.mark = all }},
		{"has not reached a peer that answers 429 or 503", "none marked", func(a *lineAgent) { a.mark = none }},
		{"has not reached a peer that answers 429 or 503", "no pause", func(a *lineAgent) { a.noPause = true }},
		{"has reached a peer that breaks off", "all marked", func(a *lineAgent) { a.mark = all }},
		{"has reached a peer that breaks off", "no error", func(a *lineAgent) { a.silentOnCut = true }},
		{"has reached a peer that breaks off before it answers", "all marked", func(a *lineAgent) { a.mark = all }},
		{"has reached a peer that breaks off before it answers", "asks again", func(a *lineAgent) { a.asksAgain = true }},
		{"refuses what is no answer", "any text", func(a *lineAgent) { a.takesAnything = true }},
		{"takes a reply of 16 MiB", "cut", func(a *lineAgent) { a.short = true }},
		{"ends an answer that does not end", "no bound", func(a *lineAgent) { a.unbounded = true }},
		{"lives through deep JSON", "panics", func(a *lineAgent) { a.panics = true }},
		{"lives through deep JSON", "not looked at", func(a *lineAgent) { a.loose = true }},
		{"tells the number of the attempt", "not told", func(a *lineAgent) { a.noAttempt = true }},
		{"hides its secrets", "in the log", func(a *lineAgent) { a.logs = true }},
	} {
		checked[c.check] = true
		t.Run(c.check+" "+c.fault, func(t *testing.T) {
			t.Parallel()
			patience := 100 * time.Millisecond // all that the faulty agent is waited for
			if strings.Contains(c.check, "MiB") || strings.Contains(c.check, "that does not end") {
				patience = time.Second
			}
			if err := agenttest.CheckPeer(t, c.check, linePeer(c.make), patience); err == nil {
				t.Error("the check passes")
			}
		})
	}
	for _, name := range agenttest.PeerChecks() {
		if !checked[name] {
			t.Errorf("no agent fails the check %q", name)
		}
	}
}

var (
	_ agents.Agent       = (*lineAgent)(nil)
	_ agenttest.Exchange = lineExchange{}
)
