package cmd

import (
	"fmt"
	"os"

	"github.com/manyvox/manyvox/proto"
)

// protoCommand writes the .proto files.
type protoCommand struct {
	Out string `short:"o" required:"" placeholder:"DIR" help:"Directory to write manyvox/v1/*.proto to. Made if need be."`
}

// Run writes the files. It never overwrites one.
func (c *protoCommand) Run(p Program) error {
	if err := os.CopyFS(c.Out, proto.Files); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	for _, name := range []string{"channel", "conversation"} {
		fmt.Fprintf(p.Stdout, "wrote %s/manyvox/v1/%s.proto\n", c.Out, name)
	}
	return nil
}
