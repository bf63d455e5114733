package cmd

import "slices"

// helpArgs turns what people try first into what the parser knows: no argument at all and
// "help" show the help, "help run" that of run.
func helpArgs(args []string) []string {
	switch {
	case len(args) == 0:
		return []string{"--help"}
	case args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	}
	return args
}

// Help gives the examples that --help shows of a command.
func (*runCommand) Help() string {
	return `Examples:
  manyvox run
  manyvox run --credentials credentials.yml --endpoints endpoints.yml
  manyvox run -p 8080 --cors https://www.example.com --auth-token "$TOKEN"`
}

// Help gives examples.
func (*checkCommand) Help() string {
	return `Examples:
  manyvox check
  manyvox check --credentials credentials.yml --endpoints endpoints.yml`
}

// Help gives examples.
func (*statusCommand) Help() string {
	return `Examples:
  manyvox status
  manyvox status --json --server https://chat.example.com --operator-token "$TOKEN"`
}

// Help gives an example.
func (*pauseCommand) Help() string {
	return `Example:
  manyvox pause slack --sender U12345 --reason "Kim answers"`
}

// Help gives examples.
func (*resumeCommand) Help() string {
	return `Examples:
  manyvox resume slack
  manyvox resume slack --sender U12345`
}

// Help gives examples.
func (*logCommand) Help() string {
	return `Examples:
  manyvox log slack
  manyvox log slack --follow
  manyvox log slack --json | jq .`
}

// Help gives examples.
func (*eventsCommand) Help() string {
	return `Examples:
  manyvox events --channel rest --sender ann
  manyvox events --follow --json | jq .`
}

// Help gives examples.
func (*listDeadLetters) Help() string {
	return `Examples:
  manyvox dead-letters list
  manyvox dead-letters list --channel callback --json`
}

// Help gives examples.
func (*sendCommand) Help() string {
	return `Examples:
  manyvox send --channel callback --sender ann "Your order has left."
  manyvox send --channel callback --sender ann --json '{"image": "https://example.com/map.png"}'`
}

// Help gives an example.
func (*forgetCommand) Help() string {
	return `Example:
  manyvox forget rest ann`
}

// Help gives examples.
func (*replayDeadLetters) Help() string {
	return `Examples:
  manyvox dead-letters replay 17 18
  manyvox dead-letters replay --all --channel callback`
}

// Help gives an example.
func (*dropDeadLetters) Help() string {
	return `Example:
  manyvox dead-letters drop 17`
}

// Help gives an example.
func (*backupCommand) Help() string {
	return `Example:
  manyvox backup journal-monday.db`
}

// Help gives an example.
func (*protoCommand) Help() string {
	return `Example:
  manyvox proto -o api && buf generate api`
}
