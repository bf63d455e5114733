package push_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

var program = regexp.MustCompile("(?s)```python\n(.*?)```")

// The program in the documentation says something. Python's hmac agrees with what Verify wants.
func TestProgramInTheDocs(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	page, err := os.ReadFile("../../docs/agents/push.md")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "say.py")
	if err := os.WriteFile(file, program.FindSubmatch(page)[1], 0o600); err != nil {
		t.Fatal(err)
	}
	c := service.Config{Channels: servicetest.Channels(t, "rest:\n"), Journal: memory.Open()}
	c.Agent, c.AgentName = speaker{servicetest.Echo(), secret, agents.SenderAlone}, "rasa"
	s := servicetest.OnLoopback(t, c)
	s.PostBody(t, "/webhooks/rest/webhook", `{"sender":"ann","message":"hi"}`)
	say := exec.CommandContext(t.Context(), python, file, s.URL, "rest", "ann", "Your parcel is here")
	say.Env = append(os.Environ(), "RASA_PUSH_SECRET="+secret)
	out, err := say.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), `{"message_id":"`) {
		t.Fatalf("%v: %s", err, out)
	}
	events, err := c.Journal.Events(t.Context(), journal.EventFilter{Channel: "rest", Sender: "ann"}, -1, 10)
	if err != nil || len(events.Events) != 3 || events.Events[2].Replies[0].Text != "Your parcel is here" {
		t.Errorf("events: %+v, %v", events.Events, err)
	}
}
