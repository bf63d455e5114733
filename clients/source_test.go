package clients_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The hand-written file of each package.
const (
	npmSource  = "typescript/src/client.ts"
	pypiSource = "python/manyvox/client.py"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReasons compares the reasons that the packages know with those of the API.
func TestReasons(t *testing.T) {
	t.Parallel()
	_, list, found := strings.Cut(read(t, "../proto/manyvox/v1/channel.proto"), "these reasons. Newer versions may add some.")
	list, _, ends := strings.Cut(list, "When waiting helps")
	if !found || !ends {
		t.Fatal("the reasons are not found")
	}
	want := regexp.MustCompile(`\b[A-Z]{2,}(_[A-Z]+)*\b`).FindAllString(list, -1)
	slices.Sort(want)
	for name, ends := range map[string][2]string{npmSource: {"export type Reason", "(string & {})"}, pypiSource: {"Reason = Union", "], str]"}} {
		_, list, _ := strings.Cut(read(t, name), ends[0])
		list, _, _ = strings.Cut(list, ends[1])
		var got []string
		for _, m := range regexp.MustCompile(`"([A-Z_]+)"`).FindAllStringSubmatch(list, -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		if !slices.Equal(want, got) || len(want) < 20 {
			t.Errorf("%s knows %q, the API has %q", name, got, want)
		}
	}
}

// TestSize bounds what is written by hand, so that there is nothing in a package but the API.
func TestSize(t *testing.T) {
	t.Parallel()
	for _, name := range []string{npmSource, pypiSource} {
		if n := strings.Count(read(t, name), "\n"); n > 200 {
			t.Errorf("%s has %d lines, more than 200", name, n)
		}
	}
}

// TestVersions: both packages have one version.
func TestVersions(t *testing.T) {
	t.Parallel()
	npm := regexp.MustCompile(`"version": "([^"]+)"`).FindStringSubmatch(read(t, "typescript/package.json"))
	pypi := regexp.MustCompile(`(?m)^version = "([^"]+)"`).FindStringSubmatch(read(t, "python/pyproject.toml"))
	if len(npm) == 0 || len(pypi) == 0 || npm[1] != pypi[1] {
		t.Errorf("%q on npm, %q on PyPI", npm, pypi)
	}
}
