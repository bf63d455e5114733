package cmd_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/cmd"
)

// outcome is the exit code and the outputs of a command line.
type outcome struct {
	code     int
	out, err string
}

// runToEnd runs a command line to its end. It leaves the directory, unless that is empty,
// out of the outputs.
func runToEnd(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	return newProgram().runToEnd(t, dir, args...)
}

func (p *program) runToEnd(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	code := p.Run(ctx, args)
	if dir == "" {
		return outcome{code, p.out.String(), p.err.String()}
	}
	shorten := strings.NewReplacer(dir+string(filepath.Separator), "")
	return outcome{code, shorten.Replace(p.out.String()), shorten.Replace(p.err.String())}
}

// files makes files in a directory of the test's own.
func files(t *testing.T, contents map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range contents {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	for _, c := range []struct {
		name, credentials, endpoints string
		args                         []string
		code                         int
		want                         string // after "manyvox: "
	}{
		{name: "no such command", args: []string{"rnu"}, code: 2, want: `unexpected argument rnu, did you mean "run"?`},
		{name: "no such flag", args: []string{"run", "--prot", "5"}, code: 2, want: `unknown flag --prot, did you mean "--port"?`},
		{name: "a flag without its value", args: []string{"run", "--port"}, code: 2, want: "--port: expected int value"},
		{name: "a port that is no number", args: []string{"run", "-p", "http"}, code: 2, want: `--port: expected a valid 64 bit int but got "http"`},
		{name: "a port that is none", args: []string{"run", "-p", "65536"}, code: 2, want: "--port: expected a number from 0 to 65535"},
		{
			name: "a time that is none", args: []string{"run", "--response-timeout", "soon"}, code: 2,
			want: "--response-timeout: expected a positive number of seconds, or a time such as 90s or 5m",
		},
		{
			name: "no time at all", args: []string{"run", "--response-timeout", "0"}, code: 2,
			want: "--response-timeout: expected a positive number of seconds, or a time such as 90s or 5m",
		},
		{name: "no body", args: []string{"run", "--max-body", "0"}, code: 2, want: "--max-body: expected a positive number of bytes"},
		{name: "no stream", args: []string{"run", "--max-streams", "0"}, code: 2, want: "--max-streams: expected a positive number"},
		{name: "no time to wait", args: []string{"run", "--store-wait=-1s"}, code: 2, want: "--store-wait: expected 0 or more"},
		{name: "no such format", args: []string{"run", "--log-format", "xml"}, code: 2, want: `--log-format must be one of "auto","text","json" but got "xml"`},
		{name: "too many arguments", args: []string{"run", "now"}, code: 2, want: "unexpected argument now"},
		{name: "no directory", args: []string{"proto"}, code: 2, want: "missing flags: --out=DIR"},
		{name: "no such file", args: []string{"run", "--credentials", "DIR/absent.yml"}, code: 2, want: "--credentials: absent.yml: no such file"},
		{name: "no such file, either", args: []string{"run", "--credentials", "DIR/credentials.yml", "--endpoints", "DIR/absent.yml"}, code: 2, want: "--endpoints: absent.yml: no such file"},
		{name: "no such channel", args: []string{"run", "--connector", "rst"}, code: 2, want: `--connector rst: no such channel: did you mean "rest"?`},
		{name: "a directory as file", args: []string{"run", "--credentials", "/"}, code: 2, want: "--credentials: open /: is a directory"},
		{name: "a device as file", args: []string{"run", "--credentials", "DIR/credentials.yml", "--endpoints", "/dev/zero"}, code: 2, want: "--endpoints: open /dev/zero: is no regular file"},
		{name: "no YAML", credentials: "rest:\n  token: [\n", code: 2, want: "credentials.yml:2: "},
		{name: "a slip of a channel", credentials: "rset:\n", code: 2, want: `credentials.yml:1: unknown channel "rset": did you mean "rest"?`},
		{name: "a slip of a key", credentials: "rest:\n  tokn: x\n", code: 2, want: `credentials.yml:2: channel rest: unknown key "tokn": did you mean "token"?`},
		{
			name: "a reference that is not set", credentials: "rest:\n  token: ${MANYVOX_TEST_ABSENT}\n", code: 2,
			want: "credentials.yml:2: ${MANYVOX_TEST_ABSENT} is not set: set it, or write ${MANYVOX_TEST_ABSENT:-default}",
		},
		{name: "a slip of an agent", endpoints: "agent:\n  type: ecco\n", code: 2, want: `endpoints.yml:2: agent: unknown type "ecco": did you mean "echo"?`},
		{
			name: "both files", credentials: "rset:\n", endpoints: "agent: {type: ecco}\n", code: 2,
			want: `credentials.yml:1: unknown channel "rset": did you mean "rest"?` + "\nmanyvox: " + `endpoints.yml:1: agent: unknown type "ecco": did you mean "echo"?`,
		},
		{
			name: "a port in use", args: []string{"run", "-i", "127.0.0.1", "-p", port, "--credentials", "DIR/credentials.yml", "--endpoints", "DIR/endpoints.yml"},
			code: 1, want: "--interface 127.0.0.1 --port " + port + ": bind: address already in use",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.credentials == "" {
				c.credentials = "rest:\n"
			}
			if c.endpoints == "" {
				c.endpoints = echoes
			}
			dir := files(t, map[string]string{"credentials.yml": c.credentials, "endpoints.yml": c.endpoints})
			if c.args == nil {
				c.args = []string{"run", "--credentials", "DIR/credentials.yml", "--endpoints", "DIR/endpoints.yml"}
			}
			var args []string
			for _, a := range c.args {
				args = append(args, strings.Replace(a, "DIR", dir, 1))
			}
			got := runToEnd(t, dir, args...)
			want := "manyvox: " + c.want
			if got.code != c.code || got.out != "" || !strings.HasPrefix(got.err, want) || strings.Count(got.err, "\n") != strings.Count(want, "\n")+1 {
				t.Errorf("exit code %d, output %q, errors:\n%s\nwant %d and:\n%s", got.code, got.out, got.err, c.code, want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"--help"}, []string{"Usage: manyvox <command>", "run [flags]", "check", "proto", "version"}},
		{[]string{"run", "-h"}, []string{"Usage: manyvox run", "--credentials", "--auth-token", "$MANYVOX_PORT"}},
		{[]string{"check", "--help"}, []string{"Usage: manyvox check", "--endpoints", "--data-dir"}},
		{[]string{"dead-letters", "replay", "--help"}, []string{"Usage: manyvox dead-letters replay", "replies may repeat", "--all", "--server", "$MANYVOX_SERVER", "$MANYVOX_AUTH_TOKEN"}},
		{[]string{"events", "--help"}, []string{"Usage: manyvox events", "--follow", "--after"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			got := runToEnd(t, "", c.args...)
			if got.code != cmd.ExitOK || got.err != "" {
				t.Errorf("exit code %d, errors %s", got.code, got.err)
			}
			for _, want := range c.want {
				if !strings.Contains(got.out, want) {
					t.Errorf("%q is missing in:\n%s", want, got.out)
				}
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	want := regexp.MustCompile(`^manyvox ` + regexp.QuoteMeta(cmd.Version) + ` \((commit [0-9a-f]{12}( with changes)?, )?` +
		regexp.QuoteMeta(runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH) + `\)\n$`)
	for _, command := range []string{"version", "--version"} {
		if got := runToEnd(t, "", command); !want.MatchString(got.out) || got.err != "" || got.code != cmd.ExitOK {
			t.Errorf("%s: %+v", command, got)
		}
	}
}

// TestEdge08_01: what people try first shows the help, and the help has examples that parse.
func TestEdge08_01(t *testing.T) {
	t.Parallel()
	all := runToEnd(t, "", "--help")
	for _, args := range [][]string{{}, {"help"}} {
		if got := runToEnd(t, "", args...); got != all || got.code != cmd.ExitOK {
			t.Errorf("%v: %+v", args, got)
		}
	}
	for _, command := range []string{
		"run", "check", "status", "pause", "resume", "events", "dead-letters list", "dead-letters replay", "dead-letters drop",
		"send", "forget", "backup", "proto", "completion",
	} {
		got := runToEnd(t, "", append([]string{"help"}, strings.Fields(command)...)...)
		if own := runToEnd(t, "", append(strings.Fields(command), "--help")...); got != own || got.code != cmd.ExitOK {
			t.Errorf("help %s: %+v, want %+v", command, got, own)
		}
		examples := 0
		for line := range strings.Lines(got.out) {
			example, ok := strings.CutPrefix(strings.TrimSpace(line), "manyvox ")
			if !ok {
				continue
			}
			examples++
			if !strings.HasPrefix(example, command) {
				t.Errorf("an example of %s: %s", command, example)
			}
			if err := cmd.Parses(shellFields(example)); err != nil {
				t.Errorf("manyvox %s: %v", example, err)
			}
		}
		if examples == 0 {
			t.Errorf("%s has no example", command)
		}
	}
}

// shellFields splits a line as a shell does, up to a pipe.
func shellFields(line string) (fields []string) {
	line, _, _ = strings.Cut(line, " | ")
	line, _, _ = strings.Cut(line, " && ")
	line, _, _ = strings.Cut(line, " > ")
	for _, f := range regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`).FindAllString(line, -1) {
		fields = append(fields, strings.Trim(f, `'"`))
	}
	return fields
}

// TestEdge08_01Completion: bash completes commands and flags by the script.
func TestEdge08_01Completion(t *testing.T) {
	t.Parallel()
	script := runToEnd(t, "", "completion", "bash")
	for line, want := range map[string]string{
		"ru": "run", "dead-letters re": "replay", "run -v --por": "--port", "dead-letters list --ch": "--channel", "stat": "status",
	} {
		words := append([]string{"manyvox"}, strings.Fields(line)...)
		c := exec.CommandContext(t.Context(), "bash", "-c",
			fmt.Sprintf("%s\nCOMP_WORDS=(%s); COMP_CWORD=%d; _manyvox; echo \"${COMPREPLY[@]}\"", script.out, strings.Join(words, " "), len(words)-1))
		if out, err := c.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s: %s, %v, want %s", line, out, err, want)
		}
	}
	if zsh := runToEnd(t, "", "completion", "zsh"); !strings.HasPrefix(zsh.out, "#compdef manyvox\n") || !strings.HasSuffix(zsh.out, script.out) {
		t.Errorf("zsh: %s", zsh.out)
	}
	fish := runToEnd(t, "", "completion", "fish")
	for _, want := range []string{
		"complete -c manyvox -n '__fish_use_subcommand' -a run -d 'Start the service.'\n",
		"complete -c manyvox -n '__fish_seen_subcommand_from run' -l port -d 'Port to listen on.'\n",
		"complete -c manyvox -n '__fish_seen_subcommand_from replay' -l all -d 'All of them.'\n",
	} {
		if !strings.Contains(fish.out, want) {
			t.Errorf("fish: %q is missing", want)
		}
	}
}

// TestEdge08_10: each error stands on a line of its own, which is JSON where the log is.
func TestEdge08_10(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"credentials.yml": "rset:\nsalk:\n", "endpoints.yml": "agent: {type: ecco}\n"})
	args := []string{"run", "--credentials", dir + "/credentials.yml", "--endpoints", dir + "/endpoints.yml"}
	got := runToEnd(t, dir, args...)
	for line := range strings.Lines(got.err) {
		if !strings.HasPrefix(line, "manyvox: ") {
			t.Errorf("line %q", line)
		}
	}
	inJSON := runToEnd(t, dir, append(args[:5:5], "--log-format", "json")...)
	var messages []string
	for line := range strings.Lines(inJSON.err) {
		var record struct{ Level, Msg string }
		if err := json.Unmarshal([]byte(line), &record); err != nil || record.Level != "ERROR" {
			t.Errorf("line %q: %v", line, err)
		}
		messages = append(messages, "manyvox: "+record.Msg+"\n")
	}
	if diff := cmp.Diff(got.err, strings.Join(messages, "")); diff != "" || strings.Count(got.err, "\n") != 3 || inJSON.code != cmd.ExitUsage {
		t.Errorf("exit code %d (-text +JSON):\n%s", inJSON.code, diff)
	}
}
