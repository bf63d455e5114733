package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/cmd"
)

// TestEdge08_03: command lines of "rasa run" work. The flags that change nothing are listed
// here, and each says so; a flag that guards is never among them.
func TestEdge08_03(t *testing.T) {
	t.Parallel()
	noted := []string{
		"--enable-api", "--logging-config-file=l.yml", "--model=models", "--remote-storage=aws", "--request-timeout=300",
		"--syslog-address=localhost", "--syslog-port=514", "--syslog-protocol=UDP", "--use-syslog",
	}
	file := filepath.Join(t.TempDir(), "rasa.log")
	r := start(t, localFlags(t, "rest:\n", echoes, append(noted, "--cors", "*", "--debug", "--log-file", file, "-vv", "-t", "0perator")...)...)
	if _, body := r.post("?token=0perator", `{"message":"hello"}`); !strings.Contains(body, "hello") {
		t.Errorf("body %s", body)
	}
	r.end()
	var got []string
	for _, line := range logged(t, r) {
		if name, ok := strings.CutSuffix(line, " is Rasa's and changes nothing here"); ok {
			got = append(got, strings.TrimPrefix(name, "INFO "))
		}
	}
	var want []string
	for _, flag := range []string{noted[2], noted[0], noted[3], noted[4], noted[1], noted[8], noted[5], noted[6], noted[7]} {
		name, _, _ := strings.Cut(flag, "=")
		want = append(want, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if written, err := os.ReadFile(file); err != nil || string(written) != r.err.String() {
		t.Errorf("the log file holds %s, %v", written, err)
	}
}

// A flag that guards ends the start until it works, also where its value is empty.
func TestEdge08_03Guards(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{
		"--ssl-certificate", "--ssl-keyfile", "--ssl-ca-file", "--ssl-password", "--jwt-secret", "--jwt-method", "--jwt-private-key",
	} {
		for _, value := range []string{"x", ""} {
			got := runToEnd(t, "", "run", "--port", "0", "--data-dir", t.TempDir(), flag+"="+value)
			if got.code != cmd.ExitUsage || !strings.HasPrefix(got.err, "manyvox: "+flag+": not in this version") {
				t.Errorf("%s=%s: %+v", flag, value, got)
			}
		}
	}
}

// Rasa's positional model, its short flags, and an address in brackets.
func TestEdge08_03Forms(t *testing.T) {
	t.Parallel()
	r := start(t, "models/one.tar.gz", "-m", "models", "-i", "[::1]", "-p", "0", "--data-dir", t.TempDir(), "--quiet",
		"--credentials", write(t, "credentials.yml", "rest:\n"), "--endpoints", write(t, "endpoints.yml", echoes))
	if !strings.HasPrefix(r.addr, "[::1]:") {
		t.Errorf("it listens on %s", r.addr)
	}
	r.end()
	if log := r.err.String(); strings.Contains(log, `"level":"INFO"`) {
		t.Errorf("--quiet logs %s", log)
	}
}
