package cmd

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCommand prints a script that lets a shell complete commands and flags.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help tells how the script is used.
func (*completionCommand) Help() string {
	return `Examples:
  manyvox completion bash > /etc/bash_completion.d/manyvox
  manyvox completion zsh > "${fpath[1]}/_manyvox"
  manyvox completion fish > ~/.config/fish/completions/manyvox.fish`
}

// Run prints the script.
func (c *completionCommand) Run(p Program, parsed *kong.Context) error {
	words := completions(parsed.Model.Node, "")
	switch c.Shell {
	case "bash":
		return completeBash(p.Stdout, words)
	case "zsh":
		if _, err := fmt.Fprintln(p.Stdout, "#compdef manyvox\nautoload -U +X bashcompinit && bashcompinit"); err != nil {
			return err
		}
		return completeBash(p.Stdout, words)
	}
	return completeFish(p.Stdout, words)
}

// completion is what may follow a command, such as "dead-letters list".
type completion struct {
	command string
	words   []word
}

// word is a command or a flag, and what it is for.
type word struct{ name, help string }

// completions returns those of a node and of all below it, the longest commands first.
func completions(n *kong.Node, command string) (list []completion) {
	own := completion{command: command}
	for _, child := range n.Children {
		if child.Hidden || child.Type != kong.CommandNode {
			continue
		}
		own.words = append(own.words, word{child.Name, child.Help})
		list = append(list, completions(child, strings.TrimSpace(command+" "+child.Name))...)
	}
	for _, flag := range n.Flags {
		if !flag.Hidden {
			own.words = append(own.words, word{"--" + flag.Name, flag.Help})
		}
	}
	list = append(list, own)
	slices.SortStableFunc(list, func(a, b completion) int { return cmp.Compare(len(b.command), len(a.command)) })
	return list
}

// completeBash looks for the longest command that the line begins with.
func completeBash(w io.Writer, list []completion) error {
	var cases strings.Builder
	for _, c := range list {
		var names []string
		for _, word := range c.words {
			names = append(names, word.name)
		}
		fmt.Fprintf(&cases, "    \"%s \"*) words=\"%s\" ;;\n", c.command, strings.Join(names, " "))
	}
	_, err := fmt.Fprintf(w, `_manyvox() {
  local word words line=""
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) line="$line$word " ;; esac
  done
  case "${line:- }" in
%s  esac
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _manyvox manyvox
`, strings.Replace(cases.String(), "\" \"*)", "*)", 1))
	return err
}

// completeFish asks for each word whether its command was given.
func completeFish(w io.Writer, list []completion) error {
	for _, c := range list {
		condition := "__fish_use_subcommand"
		if c.command != "" {
			condition = "__fish_seen_subcommand_from " + c.command[strings.LastIndex(c.command, " ")+1:]
		}
		for _, word := range c.words {
			what := "-a " + word.name
			if name, isFlag := strings.CutPrefix(word.name, "--"); isFlag {
				what = "-l " + name
			}
			help := strings.ReplaceAll(word.help, "'", `\'`)
			if _, err := fmt.Fprintf(w, "complete -c manyvox -n '%s' %s -d '%s'\n", condition, what, help); err != nil {
				return err
			}
		}
	}
	return nil
}
