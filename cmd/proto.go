package cmd

import (
	"fmt"
	"io/fs"
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
	return fs.WalkDir(proto.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			fmt.Fprintf(p.Stdout, "wrote %s/%s\n", c.Out, name)
		}
		return err
	})
}
