package wire_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// entry is a difference that is meant, as testdata/differences.yml lists it.
type entry struct {
	// Of is what it is about, Rasa and Manyvox what the two do. They are the columns of the
	// table in the docs.
	Of      string `yaml:"of"`
	Rasa    string `yaml:"rasa"`
	Manyvox string `yaml:"manyvox"`
	// Why it is meant. The docs say more at Anchor.
	Why    string `yaml:"why"`
	Anchor string `yaml:"anchor"`
	// Mended says that nothing differs where the agent asks our channel for Rasa.
	Mended bool `yaml:"mended"`
	// Differs names what differs in the answers.
	Differs []string `yaml:"differs"`
	// Cases names the cases; "*" stands for any text but a slash.
	Cases []string `yaml:"cases"`
}

// result is a case and what differed in it.
type result struct {
	name        string
	differences []difference
	// connected is what differs where the agent asks our channel for Rasa.
	connected []difference
}

// judge compares results with the entries and returns what is wrong: a difference that no
// entry or more than one lists, and what stands in an entry without being used.
func judge(entries []entry, results []result) (wrong []string) {
	used := map[string]bool{}
	for _, r := range results {
		wrong = append(wrong, judgeMended(entries, r)...)
		for _, d := range r.differences {
			listed := listing(entries, r.name, d.what)
			switch len(listed) {
			case 0:
				wrong = append(wrong, fmt.Sprintf("%s: %s differs, which no entry lists:\n   rasa: %s\nmanyvox: %s", r.name, d.what, shorten(d.rasa), shorten(d.manyvox)))
			case 1:
				markUsed(used, entries, listed[0], r.name, d.what)
			default:
				wrong = append(wrong, fmt.Sprintf("%s: %s is listed by several entries: %s", r.name, d.what, strings.Join(listed, ", ")))
			}
		}
	}
	return append(wrong, unused(entries, used)...)
}

// judgeMended returns what differs by our channel for Rasa though an entry says that it does
// not.
func judgeMended(entries []entry, r result) (wrong []string) {
	for _, e := range entries {
		for _, d := range r.connected {
			if e.Mended && slices.Contains(listing(entries, r.name, d.what), e.Of) {
				wrong = append(wrong, fmt.Sprintf("%s: %s differs by our channel for Rasa too:\n   rasa: %s\nmanyvox: %s", r.name, d.what, shorten(d.rasa), shorten(d.manyvox)))
			}
		}
	}
	return wrong
}

// markUsed notes that an entry lists a difference of a case.
func markUsed(used map[string]bool, entries []entry, of, name, what string) {
	for _, e := range entries {
		if e.Of != of {
			continue
		}
		used[use(of, "differs", what)] = true
		for _, pattern := range e.Cases {
			if matches(pattern, name) {
				used[use(of, "cases", pattern)] = true
			}
		}
	}
}

func use(of, key, value string) string {
	return fmt.Sprintf("entry %q: %s %q", of, key, value)
}

func unused(entries []entry, used map[string]bool) (wrong []string) {
	for _, e := range entries {
		for _, what := range e.Differs {
			if name := use(e.Of, "differs", what); !used[name] {
				wrong = append(wrong, name+" is not used: nothing differs so")
			}
		}
		for _, pattern := range e.Cases {
			if name := use(e.Of, "cases", pattern); !used[name] {
				wrong = append(wrong, name+" is not used: no such case differs")
			}
		}
	}
	return wrong
}

// listing returns the entries that list a difference by the pattern that says most about its
// case: the case as it is, or else the longest.
func listing(entries []entry, name, what string) (listed []string) {
	most := 0
	for _, e := range entries {
		if !slices.Contains(e.Differs, what) {
			continue
		}
		for _, pattern := range e.Cases {
			switch {
			case !matches(pattern, name) || len(pattern) < most:
			case len(pattern) > most:
				most, listed = len(pattern), []string{e.Of}
			case !slices.Contains(listed, e.Of):
				listed = append(listed, e.Of)
			}
		}
	}
	return listed
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// record returns the differences as text, for the golden file: what differs is pinned, and
// not only that it does. Those that are the same in several cases stand there once.
func record(results []result) string {
	cases := map[difference][]string{}
	for _, r := range results {
		for _, d := range r.differences {
			cases[d] = append(cases[d], r.name)
		}
	}
	var blocks []string
	for d, names := range cases {
		blocks = append(blocks, fmt.Sprintf("%s\n  %s\n    rasa:    %s\n    manyvox: %s\n", strings.Join(names, "\n"), d.what, shorten(d.rasa), shorten(d.manyvox)))
	}
	slices.Sort(blocks)
	return strings.Join(blocks, "\n")
}

// shorten returns the beginning of a value on one line.
func shorten(value string) string {
	value = strings.ReplaceAll(strings.TrimSuffix(value, "\n"), "\n", "⏎")
	value = strings.ToValidUTF8(strings.ReplaceAll(value, "\x00", "␀"), "�")
	if runes := []rune(value); len(runes) > 400 {
		return fmt.Sprintf("%s… (%d bytes)", string(runes[:400]), len(value))
	}
	return value
}
