package rasa_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// folder makes a folder with files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// command is Manyvox as a process of its own in a folder.
func command(t *testing.T, dir string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Dir, c.Env = dir, append(append(os.Environ(), childEnv+"=1"), env...)
	return c
}

// startChild runs "manyvox run" in a folder, with its files, and returns its address.
func startChild(t *testing.T, dir string, env ...string) (child *exec.Cmd, address string) {
	t.Helper()
	child = command(t, dir, env, "run", "--interface", "127.0.0.1", "--port", "0")
	child.Stderr = t.Output()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("it does not listen: %v", err)
	}
	return child, "http://" + strings.TrimSpace(line)
}
