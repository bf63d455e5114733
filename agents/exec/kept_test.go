//go:build unix

package exec_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/exec"
	"github.com/manyvox/manyvox/channels"
)

// ask answers a turn and returns the text of its one reply.
func ask(t *testing.T, a agents.Agent, text string) string {
	t.Helper()
	rec := &agenttest.Recorder{}
	if err := a.Answer(t.Context(), agenttest.Turn("ann", text), rec); err != nil || len(rec.Replies) != 1 {
		t.Fatalf("%d replies, error %v", len(rec.Replies), err)
	}
	return rec.Replies[0].Text
}

// TestKept has one program answer two turns.
func TestKept(t *testing.T) {
	t.Parallel()
	a := shell(t, `n=0; while read -r line; do n=$((n+1)); echo "{\"text\": \"$n\"}"; echo; done`, nil, true)
	for _, want := range []string{"1", "2", "3"} {
		if got := ask(t, a, "hi"); got != want {
			t.Errorf("turn %s is answered by %s", want, got)
		}
	}
}

// TestKeptReplaced ends programs that cannot be given another turn.
func TestKeptReplaced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, script string
		code         channels.Code
		err          string
		notReached   bool
	}{
		{"says more than its turn", `while read -r line; do echo "{\"text\": \"$$\"}"; printf '\n{"text": "for bob"}\n'; done`, 0, "", false},
		{"has not read its line", `echo "{\"text\": \"$$\"}"; echo; sleep 1000`, 0, "", false},
		{
			"ends in the middle", `read -r line; echo "{\"text\": \"$$\"}"`,
			channels.CodeAgentFailed, "agent exec: the program ended in the middle of the turn", false,
		},
		{
			"fails in the middle", `read -r line; echo "{\"text\": \"$$\"}"; exit 4`,
			channels.CodeAgentFailed, "agent exec: the program ended with exit status 4", false,
		},
		{
			"writes no JSON", `while read -r line; do echo "{\"text\": \"$$\"}"; echo oops; done`,
			channels.CodeAgentFailed, "agent exec: the answer of the program cannot be read: line 2 is not a JSON object", false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := shell(t, c.script, nil, true)
			pids := map[string]bool{}
			for range 3 {
				rec := &agenttest.Recorder{}
				turn := agenttest.Turn("ann", strings.Repeat("x", 200<<10)) // more than a pipe takes
				err := a.Answer(t.Context(), turn, rec)
				checkError(t, err, c.code, c.err, c.notReached)
				for _, text := range rec.Texts() {
					pids[text] = true
				}
			}
			if len(pids) != 3 || pids["for bob"] {
				t.Errorf("3 turns are answered by %v", pids)
			}
		})
	}
}

// TestKeptUnavailable has a program say that it cannot take the message.
func TestKeptUnavailable(t *testing.T) {
	t.Parallel()
	err := shell(t, `read -r line; exit 75`, nil, true).Answer(t.Context(), agenttest.Turn("ann", "hi"), &agenttest.Recorder{})
	checkError(t, err, channels.CodeOverloaded, "agent exec: the program ended with exit status 75", true)
}

// TestKeptDies kills a program between two turns.
func TestKeptDies(t *testing.T) {
	t.Parallel()
	watch := watchGroup(t)
	pid := filepath.Join(t.TempDir(), "pid")
	a := shell(t, watch.script+`echo $$ >`+pid+`; while read -r line; do echo "{\"text\": \"$$\"}"; echo; done`, nil, true)
	first := ask(t, a, "hi")
	exec.KillIdle(a)
	watch.isGone(t)
	if second := ask(t, a, "hi"); first == second {
		t.Errorf("both turns are answered by %s", first)
	}
}

// TestClose lets a program that is kept end by itself.
func TestClose(t *testing.T) {
	t.Parallel()
	done := filepath.Join(t.TempDir(), "done")
	a := shell(t, `while read -r line; do echo '{"text": "a"}'; echo; done; echo bye >`+done, nil, true)
	ask(t, a, "hi")
	if err := a.(agents.Closer).Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(done); err != nil {
		t.Error(err)
	}
	ask(t, a, "hi") // of a turn that was late: nothing is kept of it
}

// TestCloseKills ends a program that does not end by itself.
func TestCloseKills(t *testing.T) {
	t.Parallel()
	watch := watchGroup(t)
	a := shell(t, watch.script+`read -r line; echo '{"text": "a"}'; echo; sleep 1000`, nil, true)
	ask(t, a, "hi")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.(agents.Closer).Close(ctx); err != nil {
		t.Error(err)
	}
	watch.isGone(t)
}

// TestProcesses has a turn wait for the one place, and go when its time is over.
func TestProcesses(t *testing.T) {
	t.Parallel()
	c := exec.Type().New().(*exec.Config)
	c.Command, c.Processes = []string{"sh", "-c", `read -r line; echo '{"text": "a"}'; sleep 1000`}, 1
	a := open(t, c, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	held, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- a.Answer(ctx, agenttest.Turn("ann", "hi"), &agenttest.Recorder{OnReply: func(channels.Reply) error { close(held); return nil }})
	}()
	<-held
	late, leave := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() { waiting <- a.Answer(late, agenttest.Turn("bob", "hi"), &agenttest.Recorder{}) }()
	leave()
	if err := <-waiting; !agents.IsNotReached(err) {
		t.Errorf("error %v of a turn that had no place", err)
	}
	cancel()
	<-done
}

// TestDocs runs the programs of the page as they stand there.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/agents/exec.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(label, file string) string {
		_, rest, found := strings.Cut(string(page), "```"+label+"\n# "+file+"\n")
		text, _, ended := strings.Cut(rest, "```\n")
		if !found || !ended {
			t.Fatalf("the page has no %s", file)
		}
		if lines := strings.Count(text, "\n"); lines > 10 {
			t.Errorf("%s has %d lines where the page says ten", file, lines)
		}
		return text
	}
	t.Run("agent.sh", func(t *testing.T) {
		t.Parallel()
		a, rec := shell(t, block("sh", "agent.sh"), nil, false), &agenttest.Recorder{}
		for _, text := range []string{"hi", "what time is it?"} {
			if err := a.Answer(t.Context(), agenttest.Turn("ann", text), rec); err != nil {
				t.Fatal(err)
			}
		}
		texts := rec.Texts()
		if len(texts) != 2 || texts[0] != "Hello! What shall it be?" || len(rec.Replies[0].Buttons) != 1 ||
			len(rec.Deltas) != 3 || texts[1] != strings.Join(rec.Deltas, "") || !strings.HasPrefix(texts[1], "It is ") {
			t.Errorf("it says %q by %q", texts, rec.Deltas)
		}
	})
	t.Run("agent.py", func(t *testing.T) {
		t.Parallel()
		python := needPython(t)
		path := filepath.Join(t.TempDir(), "agent.py")
		if err := os.WriteFile(path, []byte(block("python", "agent.py")), 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Type().New().(*exec.Config)
		c.Command, c.Keep, c.Processes = []string{python, path}, true, 1
		a := open(t, c, nil)
		got := []string{ask(t, a, "hi"), ask(t, a, "and \"bye\"\u00e9")}
		if diff := cmp.Diff([]string{"Message 1: hi", "Message 2: and \"bye\"\u00e9"}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
