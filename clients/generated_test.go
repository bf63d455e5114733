package clients_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the generated code of the Python package, where python3 has grpcio-tools")

// generator is the version that makes Python's code. Code of another differs in its comments.
const generator = "1.76.0"

// TestGenerated compares the Python package's generated code, which is committed, with what the
// .proto files give. So who changes them without Python learns it from CI.
func TestGenerated(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "python3", "-c", "import grpc_tools, importlib.metadata as m; print(m.version('grpcio-tools'))").CombinedOutput()
	if version := strings.TrimSpace(string(out)); err != nil || version != generator {
		skip(t, "python3 has no grpcio-tools "+generator+": "+version)
	}
	protos, err := filepath.Glob("../proto/manyvox/v1/*.proto")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args := []string{"-m", "grpc_tools.protoc", "-I", "../proto", "--python_out", dir, "--pyi_out", dir, "--grpc_python_out", dir}
	if out, err := exec.CommandContext(t.Context(), "python3", append(args, protos...)...).CombinedOutput(); err != nil {
		t.Fatalf("protoc: %v\n%s", err, out)
	}
	want, got := generated(t, dir), generated(t, "python")
	if len(want) != 3*len(protos) {
		t.Fatalf("%d files of %d .proto files", len(want), len(protos))
	}
	if *update {
		for name := range got {
			_ = os.Remove(filepath.Join("python", name))
		}
		for name, text := range want {
			if err := os.WriteFile(filepath.Join("python", name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("make generate, where python3 has grpcio-tools %s (-want +got):\n%s", generator, diff)
	}
}

// generated returns the texts of the generated files below a directory by their names.
func generated(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "manyvox/v1/*_pb2*.py*"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimPrefix(name, dir+"/")] = string(text)
	}
	return files
}
