package cmd

import (
	"fmt"
	"runtime"
)

// Version is the program's.
const Version = "0.1.0"

// versionCommand prints the version.
type versionCommand struct{}

// Run prints it.
func (versionCommand) Run(p Program) error {
	_, err := fmt.Fprintf(p.Stdout, "manyvox %s (%s %s/%s)\n", Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
