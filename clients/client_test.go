package clients_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// waitTimeout bounds every wait of a test. Only a test that fails waits so long.
const waitTimeout = 5 * time.Minute

// client is one of the packages, installed.
type client struct {
	name    string
	command []string // runs its driver
	dir     string
	env     []string
	bundle  string // runs in a browser, in place of the command
}

// install builds both packages and installs each into an empty project.
func install(t *testing.T) (node, python client) {
	t.Helper()
	needs(t)
	dist := t.TempDir()
	site := output(t, exec.CommandContext(t.Context(), "python3", "-c", "import grpc, os; print(os.path.dirname(os.path.dirname(grpc.__file__)))"))
	pip := []string{"PYTHONPATH=" + site, "PIP_NO_INDEX=1", "PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_ROOT_USER_ACTION=ignore"}
	npm := []string{"npm_config_offline=true", "npm_config_audit=false", "npm_config_fund=false", "npm_config_update_notifier=false"}
	build := exec.CommandContext(t.Context(), "make", "-s", "release-clients", "DRY=--dry-run", "DIST="+dist)
	// By its name "no build isolation" is an option that is false to hold.
	build.Dir, build.Env = "..", append(os.Environ(), append(append(pip, npm...), "PIP_NO_BUILD_ISOLATION=0")...)
	output(t, build)

	node = client{name: "npm", dir: t.TempDir(), env: append(os.Environ(), npm...)}
	modules, err := filepath.Abs("typescript/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	// What the package depends on is taken from here, since a test has no network.
	write(t, filepath.Join(node.dir, "package.json"), `{"private": true, "dependencies": {
		"@bufbuild/protobuf": "file:`+modules+`/@bufbuild/protobuf",
		"@connectrpc/connect": "file:`+modules+`/@connectrpc/connect",
		"@connectrpc/connect-web": "file:`+modules+`/@connectrpc/connect-web"}}`)
	node.run(t, strings.Replace(block(t, "javascript.md", "sh", 0), "@manyvox/client", one(t, dist, "*.tgz"), 1))
	copyFile(t, "testdata/driver.mjs", node.dir)
	node.command = []string{"node", "driver.mjs"}

	python = client{name: "PyPI", dir: t.TempDir()}
	output(t, exec.CommandContext(t.Context(), "python3", "-m", "venv", "--without-pip", filepath.Join(python.dir, "venv")))
	bin := filepath.Join(python.dir, "venv", "bin")
	python.env = append(os.Environ(), append(pip, "PIP_PYTHON="+filepath.Join(bin, "python3"), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))...)
	python.run(t, strings.Replace(block(t, "python-package.md", "sh", 0), "manyvox-client", one(t, dist, "*.whl"), 1))
	copyFile(t, "testdata/driver.py", python.dir)
	python.command = []string{filepath.Join(bin, "python3"), "driver.py"} // python3 alone would be looked up in our own PATH
	return node, python
}

// needs skips a test that cannot run here.
func needs(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		skip(t, "no node and npm on this machine")
	}
	if _, err := os.Stat("typescript/node_modules/.bin/tsc"); err != nil {
		skip(t, "no node_modules: run npm ci in clients/typescript")
	}
	if out, err := exec.CommandContext(t.Context(), "python3", "-c", "import google.rpc.error_details_pb2, grpc, importlib.metadata as m; m.version('pip'); assert int(m.version('setuptools').split('.')[0]) >= 77").CombinedOutput(); err != nil {
		skip(t, "python3 has no grpcio, googleapis-common-protos, pip and setuptools: "+string(out))
	}
	for _, dir := range []string{"typescript", "typescript/src", "python", "python/manyvox", "python/manyvox/v1", "testdata"} {
		if _, err := os.ReadDir(dir); err != nil { // so that go test runs again when a source changes
			t.Fatal(err)
		}
	}
}

// run runs a command of a page in the project.
func (c client) run(t *testing.T, line string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-euc", line)
	command.Dir, command.Env = c.dir, c.env
	return output(t, command)
}

// output runs a command and returns what it writes, without the last end of a line.
func output(t *testing.T, command *exec.Cmd) string {
	t.Helper()
	var failed strings.Builder
	command.Stderr = &failed
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", command.Args, err, out, failed.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// call is a driver that makes one call.
type call struct {
	t     *testing.T
	lines chan string
}

// call makes a call. The driver is ended with the test.
func (c client) call(t *testing.T, url, method, request string) *call {
	t.Helper()
	if c.bundle != "" {
		return c.visit(t, url, method, request)
	}
	args := append(c.command[1:len(c.command):len(c.command)], url, method, request)
	ctx, cancel := context.WithCancel(context.Background())
	driver := exec.CommandContext(ctx, c.command[0], args...)
	driver.Dir, driver.Env, driver.Stderr = c.dir, c.env, t.Output()
	out, err := driver.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := driver.Start(); err != nil {
		t.Fatal(err)
	}
	made := &call{t: t, lines: make(chan string, 100)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			made.lines <- lines.Text()
		}
		_ = driver.Wait()
		close(made.lines)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return made
}

// expect waits for the next lines of the driver.
func (c *call) expect(want ...string) {
	c.t.Helper()
	var got []string
	limit := time.After(waitTimeout)
	for range want {
		select {
		case line, open := <-c.lines:
			if !open {
				c.t.Fatalf("the driver ended after %q, want %q", got, want)
			}
			got = append(got, line)
		case <-limit:
			c.t.Fatalf("%q, want %q", got, want)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Fatalf("-want +got:\n%s", diff)
	}
}

// expectEnd waits for the last lines of the driver.
func (c *call) expectEnd(want ...string) {
	c.t.Helper()
	c.expect(want...)
	select {
	case line, open := <-c.lines:
		if open {
			c.t.Fatalf("%q follows", line)
		}
	case <-time.After(waitTimeout):
		c.t.Fatal("the driver does not end")
	}
}

// await waits for a signal.
func await(t *testing.T, signal <-chan struct{}) {
	t.Helper()
	select {
	case <-signal:
	case <-time.After(waitTimeout):
		t.Fatal("the agent is not asked")
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, name, dir string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, filepath.Base(name)), string(text))
}

// one returns the only file of a directory with names of a pattern.
func one(t *testing.T, dir, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(names) != 1 {
		t.Fatalf("%q, %v", names, err)
	}
	return names[0]
}
