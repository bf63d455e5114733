//go:build unix

package exec_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/exec"
	"github.com/manyvox/manyvox/channels"
)

// open opens an agent, and closes it with the test.
func open(t *testing.T, c *exec.Config, log *slog.Logger) agents.Agent {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := c.Open(agents.Env{Log: log, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // nothing is waited for
		if err := a.(agents.Closer).Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return a
}

// script writes a shell script and returns its path.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent.sh")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// shell opens an agent of a shell script.
func shell(t *testing.T, text string, log *slog.Logger, keep bool) agents.Agent {
	t.Helper()
	c := exec.Type().New().(*exec.Config)
	// by sh, since a file that was just written may still be open in a child of another test
	c.Command, c.Keep = []string{"sh", script(t, text)}, keep
	return open(t, c, log)
}

const kept = `while read -r line; do echo '{"text": "a"}'; echo '{"text": "b"}'; echo; done`

func TestContract(t *testing.T) {
	t.Parallel()
	t.Run("a program per turn", func(t *testing.T) {
		t.Parallel()
		agenttest.Contract(t, func(t *testing.T) agents.Agent {
			return shell(t, `cat >/dev/null; echo '{"text": "a"}'; echo '{"text": "b"}'`, nil, false)
		}, peer(false))
	})
	t.Run("kept", func(t *testing.T) {
		t.Parallel()
		agenttest.Contract(t, func(t *testing.T) agents.Agent { return shell(t, kept, nil, true) }, peer(true))
	})
}

func TestInput(t *testing.T) {
	t.Parallel()
	a := shell(t, `read -r line; printf '{"custom": %s}\n' "$line"`, nil, false)
	turn := agenttest.Turn("ann", "<hi> & \"bye\"")
	turn.Message.Metadata = []byte(`{"z": 9007199254740993, "a": {"b": [1.0, "\u00e9"]}}`)
	turn.Message.Attachments = []channels.Attachment{{Type: "image", URL: "https://x/y.png"}}
	turn.Attempt, turn.Live = 2, true
	rec := &agenttest.Recorder{}
	if err := a.Answer(t.Context(), turn, rec); err != nil {
		t.Fatal(err)
	}
	want := `{"sender":"ann","message":"<hi> & \"bye\"","input_channel":"rest","metadata":{"z":9007199254740993,"a":{"b":[1.0,"\u00e9"]}},` +
		`"message_id":"id-of-ann","attachments":[{"type":"image","url":"https://x/y.png"}],"channel":"rest","channel_type":"rest",` +
		`"capabilities":["receive","rpc","token"],"attempt":2,"live":true}`
	if diff := cmp.Diff(want, string(rec.Replies[0].Custom)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, script string
		want         string
		deltas       string
		err          string
		code         channels.Code
		notReached   bool
	}{
		{name: "nothing", script: "exit 0", want: `[]`},
		{name: "blank lines, no last end", script: `printf '\n \n{"text": "a"}\r\n\n{"text": "b"}'`, want: `[{"recipient_id":"ann","text":"a"},{"recipient_id":"ann","text":"b"}]`},
		{name: "buttons", script: `echo '{"text":"?","buttons":[{"title":"Y","payload":"/y"}],"parse_mode":"x"}'`, want: `[{"recipient_id":"ann","text":"?","buttons":[{"title":"Y","payload":"/y"}],"parse_mode":"x"}]`},
		{name: "says nothing", script: `echo '{}'; echo '{"recipient_id":"x"}'`, want: `[]`},
		{name: "pieces alone", script: `echo '{"delta":"a "}'; echo '{"delta":""}'; echo '{"delta":"b"}'`, want: `[{"recipient_id":"ann","text":"a b"}]`, deltas: "a b"},
		{name: "pieces, then an image", script: `echo '{"delta":"a"}'; echo '{"image":"u"}'`, want: `[{"recipient_id":"ann","text":"a"},{"recipient_id":"ann","image":"u"}]`, deltas: "a"},
		{name: "pieces, then other words", script: `echo '{"delta":"a"}'; echo '{"text":"b"}'`, want: `[{"recipient_id":"ann","text":"b"}]`, deltas: "a"},
		{name: "plain text", script: `echo hello`, want: `[]`, code: channels.CodeAgentFailed, err: "agent exec: the answer of the program cannot be read: line 1 is not a JSON object"},
		{name: "an unknown format", script: `echo '{"delta":"a","format":"html"}'`, want: `[]`, code: channels.CodeAgentFailed, err: "agent exec: the answer of the program cannot be read: line 1: "},
		{name: "a delta that is no text", script: `echo '{"delta":5}'`, want: `[]`, code: channels.CodeAgentFailed, err: "agent exec: the answer of the program cannot be read: line 1: key \"delta\": expected a string"},
		{name: "a wrong key", script: `echo '{"image":5}'`, want: `[]`, code: channels.CodeAgentFailed, err: "agent exec: the answer of the program cannot be read: line 1: image: "},
		{name: "a failure", script: `echo '{"text":"a"}'; echo '{"error":{"code":"agent_failed","message":"no way"}}'; echo '{"text":"b"}'`, want: `[{"recipient_id":"ann","text":"a"}]`, code: channels.CodeAgentFailed, err: "agent exec: the program reports a failure: agent_failed: no way"},
		{name: "an error that is none", script: `echo '{"error":"no"}'`, want: `[]`, code: channels.CodeAgentFailed, err: "agent exec: the answer of the program cannot be read: "},
		{name: "a message it cannot take", script: `echo '{"error":{"code":"invalid_argument","message":"no"}}'`, want: `[]`, code: channels.CodeInvalid, err: "agent exec: the program reports a failure: invalid_argument: no"},
		{name: "not now", script: `echo '{"error":{"code":"unavailable","message":"no"}}'`, want: `[]`, code: channels.CodeUnavailable, notReached: true, err: "agent exec: the program reports a failure: unavailable: no"},
		{name: "too much", script: `echo '{"error":{"code":"resource_exhausted","message":"no"}}'`, want: `[]`, code: channels.CodeOverloaded, notReached: true, err: "agent exec: the program reports a failure: resource_exhausted: no"},
		{name: "not now, once it has spoken", script: `echo '{"text":"a"}'; echo '{"error":{"code":"unavailable","message":"no"}}'`, want: `[{"recipient_id":"ann","text":"a"}]`, code: channels.CodeAgentFailed, err: "agent exec: the program reports a failure: unavailable: no"},
		{name: "exit 3", script: `echo '{"text":"a"}'; exit 3`, want: `[{"recipient_id":"ann","text":"a"}]`, code: channels.CodeAgentFailed, err: "agent exec: the program ended with exit status 3: exit status 3"},
		{name: "exit 75", script: `exit 75`, want: `[]`, code: channels.CodeOverloaded, notReached: true, err: "agent exec: the program ended with exit status 75: exit status 75"},
		{name: "exit 75, once it has spoken", script: `echo '{"delta":"a"}'; exit 75`, want: `[]`, deltas: "a", code: channels.CodeAgentFailed, err: "agent exec: the program ended with exit status 75: exit status 75"},
		{name: "killed", script: `kill -9 $$`, want: `[]`, code: channels.CodeAgentFailed, err: "agent exec: the program ended with signal: killed: signal: killed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rec := &agenttest.Recorder{}
			err := shell(t, c.script, nil, false).Answer(t.Context(), agenttest.Turn("ann", "hi"), rec)
			got, _ := channels.Marshal(append([]channels.Reply{}, rec.Replies...))
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if deltas := strings.Join(rec.Deltas, ""); deltas != c.deltas {
				t.Errorf("deltas %q, want %q", deltas, c.deltas)
			}
			checkError(t, err, c.code, c.err, c.notReached)
		})
	}
}

func checkError(t *testing.T, err error, code channels.Code, text string, notReached bool) {
	t.Helper()
	switch {
	case text == "":
		if err != nil {
			t.Error(err)
		}
	case err == nil || !strings.HasPrefix(err.Error(), text) || channels.AsError(err).Code != code:
		t.Errorf("error %v, want %v %q", err, code, text)
	case agents.IsNotReached(err) != notReached:
		t.Errorf("error %v: not reached %v", err, !notReached)
	}
}

// TestChildren cancels a turn whose program has a child that waits.
func TestChildren(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprint(keep), func(t *testing.T) {
			t.Parallel()
			watch := watchGroup(t)
			a := shell(t, watch.script+`sleep 1000 & echo '{"text": "a"}'; wait`, nil, keep)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			rec := &agenttest.Recorder{OnReply: func(channels.Reply) error { cancel(); return nil }}
			if err := a.Answer(ctx, agenttest.Turn("ann", "hi"), rec); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			watch.isGone(t)
		})
	}
}

// TestLeftBehind ends a turn well whose program leaves a child that holds its output open.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, start string
		gone        bool
	}{{"in its group", "", true}, {"in a group of its own", "setsid", false}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			watch := watchGroup(t)
			a := shell(t, watch.script+c.start+` sleep 1000 & echo "{\"text\": \"$!\"}"`, nil, false)
			rec := &agenttest.Recorder{}
			if err := a.Answer(t.Context(), agenttest.Turn("ann", "hi"), rec); err != nil || len(rec.Replies) != 1 {
				t.Fatalf("%d replies, error %v", len(rec.Replies), err)
			}
			if c.gone {
				watch.isGone(t)
				return
			}
			pid, _ := strconv.Atoi(rec.Replies[0].Text)
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		})
	}
}

// group is a program and its children, which hold the end of a pipe.
type group struct {
	pipe   *os.File
	script string // with which the program begins
}

func watchGroup(t *testing.T) group {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pipe.Close() })
	return group{pipe, "exec 3>" + path + "\n"}
}

// isGone waits until none of them holds the pipe any more.
func (g group) isGone(t *testing.T) {
	t.Helper()
	if err := g.pipe.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := g.pipe.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a process runs on: %d bytes, error %v", n, err)
	}
}

func TestStderr(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	a := shell(t, `echo "one" >&2; printf '%05000d\ntwo\n' 7 >&2; for i in $(seq 150); do echo "n$i." >&2; done`, slog.New(slog.NewTextHandler(&log, nil)), false)
	if err := a.Answer(t.Context(), agenttest.Turn("ann", "hi"), &agenttest.Recorder{}); err != nil {
		t.Fatal(err)
	}
	for text, n := range map[string]int{
		"line=one\n": 1, "line=two\n": 1, "000000": 170, "line=n97.\n": 1, "line=n98.\n": 0, "is not logged": 1,
	} {
		if got := strings.Count(log.String(), text); got != n {
			t.Errorf("%q is %d times in the log, want %d", text, got, n)
		}
	}
}

// TestEnvironment hides our own flags, some of which are secrets.
func TestEnvironment(t *testing.T) {
	t.Setenv("MANYVOX_OPERATOR_TOKEN", "c0ffee")
	t.Setenv("OF_THE_PROGRAM", "tea")
	rec := &agenttest.Recorder{}
	a := shell(t, `echo "{\"text\": \"$MANYVOX_OPERATOR_TOKEN $OF_THE_PROGRAM\"}"`, nil, false)
	if err := a.Answer(t.Context(), agenttest.Turn("ann", "hi"), rec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{" tea"}, rec.Texts()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
