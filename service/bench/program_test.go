package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
	channeltypes "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

// profileEnv names a directory to which the whole program writes the profile of its
// processor time, in a file named after its kind, such as program.prof.
const profileEnv = "MANYVOX_BENCH_PROFILE"

// serveProgram runs the program as `manyvox run` does, with the rest channel and an
// agent, until ctx ends. Its journal has a directory of its own.
func serveProgram(ctx context.Context, kind string) error {
	dir, err := os.MkdirTemp("", "manyvox-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "endpoints.yml")
	if err := os.WriteFile(file, []byte(endpoints(kind)), 0o600); err != nil {
		return err
	}
	stop, err := profile(kind)
	if err != nil {
		return err
	}
	defer stop()
	var log bytes.Buffer
	p := cmd.Program{
		Channels: channeltypes.Types(), Agents: []agents.Type{meteredEcho(), openai.Type()}, Stores: stores.Types(),
		Stdout: io.Discard, Stderr: &log,
		Listening: func(a net.Addr) { fmt.Println(a.(*net.TCPAddr).Port) },
	}
	code := p.Run(ctx, []string{
		"run", "--interface", "127.0.0.1", "--port", "0", "--connector", "rest",
		"--data-dir", filepath.Join(dir, "data"), "--endpoints", file,
	})
	if code != cmd.ExitOK {
		return fmt.Errorf("%s ends with code %d: %s", kind, code, log.Bytes())
	}
	return nil
}

// endpoints returns the endpoints.yml of a kind of program.
func endpoints(kind string) string {
	switch kind {
	case "memory-program":
		return "agent: {type: echo}\nstore: {type: memory}\n"
	case "model-program":
		return "agent: {type: openai, model: m, base_url: \"${" + modelEnv + "}\"}\n"
	}
	return "agent: {type: echo}\n"
}

// profile begins a profile if one is asked for.
func profile(kind string) (stop func(), err error) {
	dir := os.Getenv(profileEnv)
	if dir == "" {
		return func() {}, nil
	}
	f, err := os.Create(filepath.Join(dir, kind+".prof"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, nil
}

// meteredEcho is the type of the echo agent, which here answers "cpu" as answer does.
func meteredEcho() agents.Type {
	t := echo.Type()
	t.New = func() agents.Config { return &meteredConfig{} }
	return t
}

type meteredConfig struct{ echo.Config }

// Open returns the agent.
func (c *meteredConfig) Open(env agents.Env) (agents.Agent, error) {
	a, err := c.Config.Open(env)
	return agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		if t.Message.Text == "cpu" {
			return answer(ctx, t, r)
		}
		return a.Answer(ctx, t, r)
	}), err
}
