package manyvox_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// breaking compares an API with the frozen one, as `make check` does, and returns what it says.
func breaking(t *testing.T, protos string) (string, error) {
	t.Helper()
	frozen, err := filepath.Abs("proto/v1.binpb")
	if err != nil {
		t.Fatal(err)
	}
	tools, err := filepath.Abs("tools/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "tool", "-modfile="+tools, "buf", "breaking", protos, "--against", frozen)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// A change of the API that breaks a client is found: the frozen API is the one that is compared
// with.
func TestEdge08_15_TheAPIIsFrozen(t *testing.T) {
	t.Parallel()
	if out, err := breaking(t, "."); err != nil {
		t.Fatalf("the API differs from proto/v1.binpb: %v\n%s", err, out)
	}
	for name, change := range map[string][2]string{
		"a field with another number": {"string message_id = 7;", "string message_id = 77;"},
		"a method that is gone":       {"rpc Health(HealthRequest) returns (HealthResponse) {\n    option idempotency_level = NO_SIDE_EFFECTS;\n  }", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "proto"), os.DirFS("proto")); err != nil {
				t.Fatal(err)
			}
			settings, err := os.ReadFile("buf.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "buf.yaml"), settings, 0o600); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "proto", "manyvox", "v1", "channel.proto")
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(file), change[0], change[1], 1)
			if changed == string(file) {
				t.Fatalf("nothing to change: no %q", change[0])
			}
			if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := breaking(t, dir); err == nil || !strings.Contains(out, "channel.proto") {
				t.Errorf("the change is not found: %v\n%s", err, out)
			}
		})
	}
}
