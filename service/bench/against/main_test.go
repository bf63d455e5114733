package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// repository is a module in a git repository.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{t, t.TempDir()}
	r.git("init", "--quiet")
	r.write("go.mod", "module example.com/m\n\ngo 1.26\n")
	return r
}

func (r repository) write(file, content string) {
	r.t.Helper()
	path := filepath.Join(r.dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// bench writes a package with benchmarks.
func (r repository) bench(pkg, benchmarks string) {
	r.t.Helper()
	r.write(pkg+"/x_test.go", "package x\n\nimport (\n\t\"net\"\n\t\"os\"\n\t\"testing\"\n)\n\nvar _, _ = net.Dial, os.TempDir\n\n"+benchmarks)
}

func (r repository) commit() {
	r.t.Helper()
	r.git("add", ".")
	r.git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "First")
}

func (r repository) git(args ...string) string {
	r.t.Helper()
	c := exec.Command("git", args...)
	c.Dir = r.dir
	out, err := c.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// clean checks that no worktree is left.
func (r repository) clean() {
	r.t.Helper()
	if list := r.git("worktree", "list"); strings.Count(list, "\n") != 1 {
		r.t.Errorf("worktrees are left:\n%s", list)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	const skip = "func BenchmarkSkip(b *testing.B) { b.Skip(\"in \" + os.TempDir()) }\n"
	r.bench("a", skip+"func BenchmarkCost(b *testing.B) { for b.Loop() {}; b.ReportMetric(10, \"µs\") }\n")
	r.bench("old", "func BenchmarkGone(b *testing.B) {}\n")
	r.bench("broken", "func BenchmarkBroken(b *testing.B) {}\n")
	r.commit()
	r.bench("a", skip+"func BenchmarkCost(b *testing.B) { for b.Loop() {}; b.ReportMetric(11, \"µs\") }\n")
	r.bench("new", "func BenchmarkGone(b *testing.B) {}\n")
	r.bench("broken", "func BenchmarkBroken(b *testing.B) { undefined() }\n")
	if err := os.RemoveAll(filepath.Join(r.dir, "old")); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), r.dir, []string{"-ref", "HEAD", "-pairs", "2", "-benchtime", "5x"}, &out, &errs)
	if code != 1 { // since a package is broken
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		`reference: \w+ First\n`, `this tree: \w+ First, and changes that are not committed\n`,
		`! +1\.100 +1\.100 +1\.100 +10 +11 +µs +less +2 +a\.Cost\n`,
		`new\.Gone: only this tree has it`, `old\.Gone: only the reference has it`,
	} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no %s in:\n%s", want, &out)
		}
	}
	for _, want := range []string{"broken.Broken: build of this tree:", "undefined: undefined", "2 of 2: a.Skip, 1 pairs"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("no %q in:\n%s", want, &errs)
		}
	}
	r.clean()
	folder := regexp.MustCompile(`a\.Skip, by this tree: in (.*)`).FindStringSubmatch(out.String())
	if folder == nil {
		t.Fatalf("a.Skip is not shown:\n%s", &out)
	}
	if _, err := os.Stat(folder[1]); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", folder[1], err)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := newRepository(t)
	r.bench("a", fmt.Sprintf(`func BenchmarkHang(b *testing.B) {
	c, _ := net.Dial("tcp", %q)
	c.Read(make([]byte, 1))
}
func BenchmarkA(b *testing.B) { for b.Loop() {} }`, l.Addr()))
	r.commit()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		if c, err := l.Accept(); err == nil {
			cancel()
			defer c.Close()
			c.Read(make([]byte, 1)) // until the benchmark is gone
		}
	}()
	var out, errs bytes.Buffer
	code := run(ctx, r.dir, []string{"-ref", "HEAD", "-benchtime", "1x"}, &out, &errs)
	if code != 1 || !strings.Contains(errs.String(), "the rest: context canceled") {
		t.Errorf("exit code %d:\n%s", code, &errs)
	}
	if !strings.Contains(out.String(), "a.A") {
		t.Errorf("what was measured before is not shown:\n%s", &out)
	}
	r.clean()
}

func TestArguments(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.bench("a", "func BenchmarkA(b *testing.B) {}\n")
	r.commit()
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", 2, "-ref is required"},
		{"-ref HEAD -pairs 0", 2, "-pairs must be at least 1"},
		{"-ref HEAD -only (", 2, "-only: error parsing regexp"},
		{"-ref HEAD more", 2, "argument more is not known"},
		{"-ref no-such", 1, "commit no-such: "},
		{"-ref HEAD -only zzz", 1, `no benchmark matches "zzz"`},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if code := run(t.Context(), r.dir, strings.Fields(c.args), &out, &errs); code != c.code || !strings.Contains(errs.String(), c.want) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, c.code, c.want, &errs)
			}
		})
	}
}
