package cmd

import (
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

// envPrefix begins the names of the variables that set flags.
const envPrefix = "MANYVOX_"

// environment gives a flag that is not on the command line the value of its variable, such
// as MANYVOX_PORT for --port. A variable that is empty counts as not set, but that of a
// secret: it would be an open door.
type environment struct{}

// Validate is kong.Resolver's.
func (environment) Validate(*kong.Application) error { return nil }

// Resolve is kong.Resolver's.
func (environment) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if !hasVariable(flag.Value) {
		return nil, nil // nothing is no error
	}
	name := variableOf(flag.Name)
	value, set := os.LookupEnv(name)
	_, isSecret := flag.Target.Interface().(channels.Secret)
	if !set || value == "" && !isSecret || isServiceLink(name, value) {
		return nil, nil // nothing is no error
	}
	return value, nil
}

// hasVariable reports whether a flag can be set by the environment: a flag of a single call,
// such as --after, has the tag env:"-".
func hasVariable(flag *kong.Value) bool {
	return flag.Name != "help" && flag.Name != "version" && flag.Tag.Get("env") != "-"
}

// variableOf returns the variable of a flag.
func variableOf(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// isServiceLink reports whether a variable is what Kubernetes and Docker set for a service
// that is called manyvox: MANYVOX_PORT=tcp://10.0.0.1:5005.
func isServiceLink(name, value string) bool {
	return strings.HasSuffix(name, "_PORT") && strings.Contains(value, "://")
}

// serviceVariables are the beginnings of the other variables that come with a service link.
var serviceVariables = []string{envPrefix + "SERVICE_", envPrefix + "PORT_"}

// environmentWarnings returns what is wrong with the variables that begin as ours do.
func environmentWarnings(app *kong.Application) (warnings []string) {
	var known []string
	for _, node := range append([]*kong.Node{app.Node}, app.Leaves(false)...) {
		for _, flags := range node.AllFlags(false) {
			for _, flag := range flags {
				if !hasVariable(flag.Value) {
					continue
				}
				known = append(known, variableOf(flag.Name))
			}
		}
	}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.ContainsFunc(serviceVariables, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		switch {
		case isServiceLink(name, value):
			warnings = append(warnings, name+" is passed over: it is the link of a service that is called manyvox")
		case !slices.Contains(known, name):
			hint := "see manyvox run --help"
			if near := config.Nearest(name, known); near != "" {
				hint = "did you mean " + near + "?"
			}
			warnings = append(warnings, name+" is no variable of Manyvox: "+hint)
		}
	}
	slices.Sort(warnings)
	return warnings
}

// withVariable adds to the help of a flag the variable that sets it.
func withVariable(value *kong.Value) string {
	help := value.Help
	if value.Flag != nil && hasVariable(value) {
		help = strings.TrimSuffix(help, ".") + " ($" + variableOf(value.Name) + ")."
	}
	return help
}
