package exec_test

import (
	"os"
	osexec "os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/exec"
	"github.com/manyvox/manyvox/config"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, yaml string
		want       *exec.Config
	}{
		{"defaults", "command: [agent]", &exec.Config{Command: []string{"agent"}, Processes: 8}},
		{
			"all", "command: [python3, agent.py, -v]\nkeep: true\nprocesses: 2",
			&exec.Config{Command: []string{"python3", "agent.py", "-v"}, Keep: true, Processes: 2},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			block, err := config.Parse("endpoints.yml", []byte(c.yaml), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := exec.Type().New().(*exec.Config)
			if err := block.Decode(got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
	if got := exec.Type(); got.Repeat != agents.RepeatCrash {
		t.Errorf("repeat %q", got.Repeat)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config exec.Config
		want   string
	}{
		{"no command", exec.Config{Processes: 1}, "command: required: the program and its arguments, such as [python3, agent.py]"},
		{"an empty one", exec.Config{Command: []string{""}, Processes: 1}, "command: required: the program and its arguments, such as [python3, agent.py]"},
		{"no process", exec.Config{Command: []string{"sh"}}, "processes: expected 1 to 1000"},
		{"too many", exec.Config{Command: []string{"sh"}, Processes: 1001}, "processes: expected 1 to 1000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.config.Validate(); err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

// TestOpen finds at the start that the program is missing.
func TestOpen(t *testing.T) {
	t.Parallel()
	c := exec.Config{Command: []string{"no-such-program"}, Processes: 1}
	if _, err := c.Open(agents.Env{}); err == nil || !strings.HasPrefix(err.Error(), `command: exec: "no-such-program"`) {
		t.Errorf("error %v", err)
	}
}

// needPython skips a test that cannot run here. In CI nothing may be missing.
func needPython(t *testing.T) string {
	t.Helper()
	python, err := osexec.LookPath("python3")
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal(err)
	case err != nil:
		t.Skip("no python3 on this machine")
	}
	return python
}
