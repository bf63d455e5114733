package rasatest

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// model returns the trained bot. It is trained once per machine, user and state of the bot:
// the tests of other packages wait meanwhile.
func model(t testing.TB, python string) string {
	t.Helper()
	bot := Bot(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // an environment without a home
	}
	cache = filepath.Join(cache, "manyvox-rasatest")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	unlock := lock(t, filepath.Join(cache, "lock"))
	defer unlock()
	trained := filepath.Join(cache, digest(t, python, bot)+".tar.gz")
	if _, err := os.Stat(trained); err == nil {
		return trained
	}
	out := t.TempDir()
	train := exec.CommandContext(t.Context(), python, "-m", "rasa", "train", "--skip-validation",
		"--domain", filepath.Join(bot, "domain.yml"), "--data", filepath.Join(bot, "data"), "--config", filepath.Join(bot, "config.yml"),
		"--out", out, "--fixed-model-name", "bot")
	train.Dir = out // Rasa makes a cache beside it
	train.Env = environment()
	if said, err := train.CombinedOutput(); err != nil {
		t.Fatalf("rasa train: %v\n%s", err, said)
	}
	// Moved as a whole, so that nobody finds half a model.
	data, err := os.ReadFile(filepath.Join(out, "bot.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(trained+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(trained+".new", trained); err != nil {
		t.Fatal(err)
	}
	return trained
}

// digest names what the model depends on: the interpreter and the bot's files.
func digest(t testing.TB, python, bot string) string {
	t.Helper()
	sum := sha256.New()
	sum.Write([]byte(python))
	for _, name := range []string{"config.yml", "domain.yml", "data/nlu.yml", "data/rules.yml"} {
		data, err := os.ReadFile(filepath.Join(bot, name))
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// environment returns the environment of Rasa's programs. Folders of other Python packages
// are no part of it.
func environment(more ...string) []string {
	return append(append(os.Environ(), "PYTHONPATH=", "PYTHONWARNINGS=ignore", "RASA_TELEMETRY_ENABLED=false",
		"TF_CPP_MIN_LOG_LEVEL=3", "SANIC_HOST=127.0.0.1"), more...)
}
