// Command manyvox is the channel service with everything that comes with it.
package main

import (
	"os"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

func main() {
	os.Exit(cmd.Main(channels.Types(), agents.Types(), stores.Types()))
}
