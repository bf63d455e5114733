package exec

import (
	"errors"
	"fmt"
	"log/slog"
	osexec "os/exec"

	"github.com/manyvox/manyvox/agents"
)

// Type lists the agent.
func Type() agents.Type {
	return agents.Type{
		Name: "exec",
		// A program may have done anything before it failed.
		Repeat: agents.RepeatCrash,
		New:    func() agents.Config { return &Config{Processes: defaultProcesses} },
	}
}

const (
	// defaultProcesses is how many programs run at once: an answer of each may be in memory.
	defaultProcesses = 8
	maxProcesses     = 1000
)

// Config is the block "agent:" of type exec.
type Config struct {
	// Command is the program and its arguments. No shell reads them. Required.
	Command []string `yaml:"command"`
	// Keep has a program answer turn after turn: a line in, lines out until an empty one.
	// Default false: a program per turn.
	Keep bool `yaml:"keep"`
	// Processes is how many programs run at once. Default 8.
	Processes int `yaml:"processes"`
}

// Validate names every key that cannot be used.
func (c *Config) Validate() error {
	var errs []error
	if len(c.Command) == 0 || c.Command[0] == "" {
		errs = append(errs, errors.New("command: required: the program and its arguments, such as [python3, agent.py]"))
	}
	if c.Processes < 1 || c.Processes > maxProcesses {
		errs = append(errs, fmt.Errorf("processes: expected 1 to %d", maxProcesses))
	}
	return errors.Join(errs...)
}

// Open returns the agent. It looks for the program, and starts none.
func (c *Config) Open(env agents.Env) (agents.Agent, error) {
	path, err := osexec.LookPath(c.Command[0])
	if err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	a := &Agent{command: command{path, c.Command}, log: env.Log, places: make(chan struct{}, c.Processes)}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if c.Keep {
		a.kept = &pool{}
	}
	return a, nil
}

var _ agents.Config = (*Config)(nil)
