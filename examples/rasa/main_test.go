// Package rasa_test runs Manyvox in front of the real Rasa.
package rasa_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"testing"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

// childEnv names the variable that a process of Manyvox's own has.
const childEnv = "MANYVOX_RASA_CHILD"

// TestMain is Manyvox itself in a process that a test starts with an environment of its own,
// or to kill it.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		p := program()
		p.Stdout, p.Stderr, p.Listening = os.Stdout, os.Stderr, func(a net.Addr) { fmt.Println(a) }
		os.Exit(p.Run(context.Background(), os.Args[1:]))
	}
	os.Exit(m.Run())
}

// program is Manyvox as it is built.
func program() cmd.Program {
	return cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: stores.Types()}
}
