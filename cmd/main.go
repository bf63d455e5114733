// Package cmd is the command line of Manyvox. A program that adds channels or agents
// of its own is one call of Main with longer lists; see examples/customchannel.
package cmd

import (
	"context"
	"io"
	"net"
	"os"

	"github.com/alecthomas/kong"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Exit codes of the program.
const (
	ExitOK      = 0
	ExitFailure = 1
	// ExitUsage is for wrong flags and wrong configuration.
	ExitUsage = 2
)

// Main runs the command line of this process with the given channel, agent and store
// types and returns its exit code. See Program.Main for signals.
func Main(channelTypes []channels.Type, agentTypes []agents.Type, storeTypes []journal.Type) int {
	p := Program{Channels: channelTypes, Agents: agentTypes, Stores: storeTypes, Terminal: terminal(os.Stdin), Stdout: os.Stdout, Stderr: os.Stderr}
	return p.Main(os.Args[1:])
}

// Program is the command line as a value, so that a test needs no process.
type Program struct {
	Channels []channels.Type
	Agents   []agents.Type
	// Stores are the journal's; the first is the default.
	Stores []journal.Type
	Stdout io.Writer
	Stderr io.Writer
	// Terminal is where a person answers a question that was asked on Stderr. Nil means that
	// nobody can be asked.
	Terminal io.Reader
	// Server is the URL of the program that other commands ask when --server names none.
	// Empty means http://localhost:5005.
	Server string
	// Hangup has run read its configuration again with each value. Nil means that SIGHUP of
	// this process does.
	Hangup <-chan os.Signal
	// Starting is called with the address once run answers that it starts, before its
	// store is open. It may be nil.
	Starting func(net.Addr)
	// Listening is called with the address once run takes messages. It may be nil.
	Listening func(net.Addr)

	// strays are the warnings about variables of the environment.
	strays []string
}

type commands struct {
	Run         runCommand         `cmd:"" help:"Start the service."`
	Check       checkCommand       `cmd:"" help:"Load the configuration as run does and tell what it gives, without listening."`
	Status      statusCommand      `cmd:"" help:"Tell how the program is doing: what waits, what is held back, what went wrong last."`
	Pause       pauseCommand       `cmd:"" help:"Hand a conversation to a human: its messages are kept and not answered until it is resumed."`
	Resume      resumeCommand      `cmd:"" help:"End what holds a channel's parts back, its circuit breaker and pauses: they are tried at once. With --sender: end the pause of a conversation."`
	Log         logCommand         `cmd:"" help:"Show what came in from a channel's platform and went out to it, and what was made of it."`
	Events      eventsCommand      `cmd:"" help:"List what happened, or show it as it happens."`
	DeadLetters deadLettersCommand `cmd:"" help:"List, put back or delete what was given up."`
	Send        sendCommand        `cmd:"" help:"Send a message that no user asked for."`
	Forget      forgetCommand      `cmd:"" help:"Delete all that is kept of a conversation."`
	Fake        fakeCommand        `cmd:"" help:"Serve a fake platform, to try a channel with."`
	Reload      reloadCommand      `cmd:"" help:"Have the program read credentials.yml and endpoints.yml again, as SIGHUP does."`
	Backup      backupCommand      `cmd:"" help:"Copy the journal to a file, also while the service runs."`
	Proto       protoCommand       `cmd:"" help:"Write the .proto files of the API, to generate clients from."`
	Completion  completionCommand  `cmd:"" help:"Print a script that lets a shell complete commands and flags."`
	Version     versionCommand     `cmd:"" help:"Print the version."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`
}

// usageError is a mistake in flags or configuration.
type usageError struct{ error }

// newParser returns the parser of the command line.
func newParser(c *commands, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(c, append(options,
		kong.Name("manyvox"),
		kong.Description("The channel service for conversational assistants."),
		kong.Resolvers(environment{}),
		kong.ValueFormatter(withVariable),
		kong.UsageOnError(),
		kong.Vars{"version": versionLine()},
	)...)
}

// understood returns the arguments as the parser knows them.
func understood(args []string) []string { return helpArgs(nameModel(joinCORS(args))) }

// Run runs the command line given by args until it is done or ctx ends.
func (p Program) Run(ctx context.Context, args []string) int {
	var c commands
	exited := -1
	parser, err := newParser(&c, kong.Writers(p.Stdout, p.Stderr), kong.Exit(func(code int) { exited = code })) // --help
	if err != nil {
		return p.fail(args, err)
	}
	parsed, err := parser.Parse(understood(args))
	if exited >= 0 {
		return exited
	}
	if err != nil {
		return p.fail(args, usageError{err})
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	p.strays = environmentWarnings(parser.Model)
	if err := parsed.Run(p); err != nil {
		return p.fail(args, err)
	}
	return ExitOK
}
