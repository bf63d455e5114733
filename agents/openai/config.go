package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/manyvox/manyvox/agents"
)

// Type lists the agent.
func Type() agents.Type {
	return agents.Type{
		Name:        "openai",
		Timeout:     3 * time.Minute, // a model that reasons takes its time
		Repeat:      agents.RepeatAlways,
		OnFailure:   "Sorry, I cannot answer right now. Please try again later.",
		Suggestions: []string{"What can you do?", "Tell me a joke"},
		New:         func() agents.Config { return newConfig() },
	}
}

// Config is the block "agent:" of type openai.
type Config struct {
	Endpoint
	Commands
	// Model is the model's name at the server. Required.
	Model string `yaml:"model"`
	// System is what the model is told first: see Prompt. Default nothing.
	System Prompt `yaml:"system"`
	// History bounds how much of the conversation is sent.
	History Window `yaml:"history"`
	// Parameters are further keys of the request, such as temperature. One without a value
	// leaves out what the agent would send.
	Parameters map[string]json.RawMessage `yaml:"parameters"`
	// Attachments are the kinds of attachments that the model takes. Default image.
	Attachments Attachments `yaml:"attachments"`
	// Transcribe makes text of sounds. Default nothing does.
	Transcribe *Transcribe `yaml:"transcribe"`
	// Tools says that the model may call functions that show buttons, an image or custom JSON.
	// Default false.
	Tools bool `yaml:"tools"`
	// Budget bounds what one sender may ask for. Default nothing does.
	Budget Budget `yaml:"budget"`
	// FirstByteTimeout bounds the wait from the request to the first byte of the answer.
	// Default 60s.
	FirstByteTimeout time.Duration `yaml:"first_byte_timeout"`
	// IdleTimeout bounds the wait from one byte to the next. Default 60s.
	IdleTimeout time.Duration `yaml:"idle_timeout"`
}

func newConfig() *Config {
	return &Config{
		Endpoint:         Endpoint{BaseURL: "https://api.openai.com/v1"},
		Commands:         Commands{Reset: "/new", ResetReply: "Let us start afresh."},
		History:          Window{Turns: 20, Characters: 20_000},
		Budget:           Budget{Reply: "That is enough for today. Please come back tomorrow."},
		Attachments:      Attachments{attachmentImage},
		FirstByteTimeout: time.Minute,
		IdleTimeout:      time.Minute,
	}
}

// Validate names every key that cannot be used.
func (c *Config) Validate() error {
	errs := []error{c.validateEndpoint(), c.System.validate(), c.History.validate(), c.Attachments.validate(), c.Transcribe.validate(), c.Budget.validate()}
	if c.Model == "" {
		errs = append(errs, errors.New("model: required: the model's name, such as gpt-4o-mini"))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Parameters)) {
		errs = append(errs, validateParameter(name))
	}
	if c.FirstByteTimeout <= 0 {
		errs = append(errs, errors.New(`first_byte_timeout: expected more than zero, such as "60s"`))
	}
	if c.IdleTimeout <= 0 {
		errs = append(errs, errors.New(`idle_timeout: expected more than zero, such as "60s"`))
	}
	return errors.Join(errs...)
}

// validateParameter refuses the keys that the agent's reading of the answer depends on.
func validateParameter(name string) error {
	switch name {
	case "messages", "stream", "n", "tools", "functions", "modalities", "audio":
		return fmt.Errorf("parameters.%s: set by Manyvox", name)
	case "model":
		return errors.New("parameters.model: write it as the key model")
	}
	return nil
}

// Server returns the server's address.
func (c *Config) Server() string { return c.BaseURL }

// Open returns the agent.
func (c *Config) Open(env agents.Env) (agents.Agent, error) { return c.open(env), nil }

func (c *Config) open(env agents.Env) *Agent {
	return &Agent{
		config:  c,
		client:  newClient(),
		address: c.address("chat", "completions"),
		secrets: hiding(c.secrets()),
		large:   agents.NewLargeAnswers(),
		log:     env.Log,

		spendings:   newSpendings(c.Budget),
		transcriber: c.Transcribe.open(c.Endpoint),
	}
}

var (
	_ agents.Config = (*Config)(nil)
	_ agents.Caller = (*Config)(nil)
)
