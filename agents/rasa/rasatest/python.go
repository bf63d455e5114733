package rasatest

import (
	"os"
	"path/filepath"
	"testing"
)

// pythonEnv names the interpreter that has Rasa, if it is not the one in .rasa.
const pythonEnv = "MANYVOX_RASA"

// Python returns the interpreter that has Rasa: the one that MANYVOX_RASA names, else the
// one that `make .rasa/3.6.21` has made. Without either it skips the test, or fails it
// where CI is "true".
func Python(t testing.TB) string {
	t.Helper()
	if named := os.Getenv(pythonEnv); named != "" {
		return named
	}
	python := filepath.Join(root(t), ".rasa", "venv", "bin", "python")
	if _, err := os.Stat(python); err == nil {
		return python
	}
	const missing = "no Rasa on this machine: run make .rasa/3.6.21, or name a Python that has it by " + pythonEnv
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// Bot returns the folder of the bot.
func Bot(t testing.TB) string {
	t.Helper()
	return filepath.Join(root(t), "agents", "rasa", "testdata", "bot")
}

// root returns the folder of the repository, from that of the package under test.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "agents", "rasa", "testdata", "bot")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("the folder agents/rasa/testdata/bot is above no folder of this test")
		}
		dir = parent
	}
}
