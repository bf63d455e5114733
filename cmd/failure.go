package cmd

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
)

// fail prints why a command fails, each error on a line of its own, and returns the exit
// code. The lines are JSON where the log is.
func (p Program) fail(args []string, err error) int {
	for _, e := range listOf(err) {
		if wantsJSON(args) {
			slog.New(slog.NewJSONHandler(p.Stderr, nil)).Error(e.Error())
			continue
		}
		fmt.Fprintf(p.Stderr, "manyvox: %v\n", e)
	}
	if errors.As(err, new(usageError)) {
		return ExitUsage
	}
	return ExitFailure
}

// listOf takes joined errors apart.
func listOf(err error) (list []error) {
	switch e := err.(type) { //nolint:errorlint // a list inside another error is part of its text
	case usageError:
		return listOf(e.error)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			list = append(list, listOf(one)...)
		}
		return list
	}
	return []error{err}
}

// wantsJSON reports whether --log-format json was given. It is asked too when the flags
// cannot be parsed.
func wantsJSON(args []string) bool {
	format := os.Getenv(variableOf("log-format"))
	for i, arg := range args {
		switch value, found := strings.CutPrefix(arg, "--log-format="); {
		case found:
			format = value
		case arg == "--log-format" && i+1 < len(args):
			format = args[i+1]
		}
	}
	return format == "json"
}
