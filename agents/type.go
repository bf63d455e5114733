package agents

import (
	"fmt"
	"log/slog"
	"time"
)

// DefaultTimeout bounds a turn when neither endpoints.yml nor the type says otherwise.
const DefaultTimeout = 120 * time.Second

// Type is a kind of agent that endpoints.yml can name.
type Type struct {
	// Name is the value of "type:" in the block "agent:".
	Name string
	// Timeout is the default of the key timeout; 0 means DefaultTimeout.
	Timeout time.Duration
	// Repeat is the default of the key repeat; the zero value means RepeatAlways.
	Repeat Repeat
	// OnFailure is the default of the key on_failure: what the user is told whose message became
	// a dead letter, where the channel's own on_failure says nothing. Empty tells nothing.
	OnFailure string
	// Suggestions are what the chat page offers to say first, unless endpoints.yml says
	// otherwise; nil means those of any agent.
	Suggestions []string
	// New returns the configuration with its defaults.
	New func() Config
}

// Repeat says when a stored message is run again that may have reached the assistant and
// has shown nothing. docs/delivery.md has the whole table.
type Repeat string

// The values of the key repeat.
const (
	// RepeatAlways runs it again after any failure: for assistants without side effects.
	RepeatAlways Repeat = "always"
	// RepeatCrash runs it again only when Manyvox itself died or was stopped.
	RepeatCrash Repeat = "crash"
	// RepeatNever never runs it again.
	RepeatNever Repeat = "never"
)

// Validate reports a value that is none of them.
func (r Repeat) Validate() error {
	switch r {
	case RepeatAlways, RepeatCrash, RepeatNever:
		return nil
	}
	return fmt.Errorf(`expected %q, %q or %q`, RepeatAlways, RepeatCrash, RepeatNever)
}

// Config is the block "agent:" of endpoints.yml, or one of "agents:", without the keys type,
// timeout, repeat, on_failure, concurrency and fallback: a pointer to a struct whose fields have
// yaml tags (see config.Block.Decode).
type Config interface {
	// Validate reports what is missing or contradicts itself, naming the key.
	Validate() error
	// Open makes the agent. It does no network call.
	Open(env Env) (Agent, error)
}

// Env is what an agent is given besides its configuration.
type Env struct {
	// Log is the program's.
	Log *slog.Logger
	// Timeout bounds each turn; the service ends the turn's ctx by it.
	Timeout time.Duration
}

// Caller is the role of a Config whose agent calls a server by HTTP. The start refuses one
// that calls this very program.
type Caller interface {
	// Server returns the server's URL.
	Server() string
}

// Checker is the role of a Config that has something to say about the channels it
// will serve. The start and `manyvox check` print what it returns as warnings.
type Checker interface {
	Check(channelNames []string) []string
}
