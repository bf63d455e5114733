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

// childDir names the variable with the directory of a process that is to be killed.
const childDir = "MANYVOX_RASA_CHILD"

// TestMain is Manyvox itself in a process that a test starts to kill it.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		p := program()
		p.Stdout, p.Stderr, p.Listening = os.Stdout, os.Stderr, func(a net.Addr) { fmt.Println(a) }
		os.Exit(p.Run(context.Background(), []string{
			"run", "--interface", "127.0.0.1", "--port", "0", "--data-dir", dir + "/data",
			"--credentials", dir + "/credentials.yml", "--endpoints", dir + "/endpoints.yml",
		}))
	}
	os.Exit(m.Run())
}

// program is Manyvox as it is built.
func program() cmd.Program {
	return cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: stores.Types()}
}
