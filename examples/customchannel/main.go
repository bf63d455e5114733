// Command customchannel is Manyvox with two channels more: MyIO and Textline.
package main

import (
	"os"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

func main() {
	os.Exit(cmd.Main(append(channels.Types(), Type(), TextlineType()), agents.Types(), stores.Types()))
}
