package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version is the program's.
const Version = "0.1.0"

// versionCommand prints the version.
type versionCommand struct{}

// Run prints it.
func (versionCommand) Run(p Program) error {
	_, err := fmt.Fprintln(p.Stdout, versionLine())
	return err
}

// versionLine names the version, and the commit where the program was built from a checkout.
func versionLine() string {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		commit = commitOf(info)
	}
	return fmt.Sprintf("manyvox %s (%s%s %s/%s)", Version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// commitOf returns "commit 0123456789ab, ", or "" when the build does not know.
func commitOf(info *debug.BuildInfo) (commit string) {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if revision == "" {
		return ""
	}
	commit = "commit " + revision[:min(12, len(revision))]
	if settings["vcs.modified"] == "true" {
		commit += " with changes"
	}
	return commit + ", "
}
