// Package builtin lists the agent types that Manyvox comes with, one line each.
package builtin

import (
	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/agents/exec"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/agents/remote"
	"github.com/manyvox/manyvox/agents/webhook"
)

// Types returns the built-in agent types, sorted by name.
func Types() []agents.Type {
	return []agents.Type{
		echo.Type(),
		exec.Type(),
		openai.Type(),
		rasa.Type(),
		remote.Type(),
		webhook.Type(),
	}
}
