package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// match is a benchmark that both sides have.
type match struct{ reference, current benchmark }

func (m match) String() string {
	if m.reference.pkg != m.current.pkg {
		return fmt.Sprintf("%v (was in %s)", m.current, m.reference.pkg)
	}
	return m.current.String()
}

// sided is a benchmark that only one side has.
type sided struct {
	side
	benchmark
}

// pairUp matches by package and name. Of those left over it matches one of each side
// that has the same name in a package of the same last name: its folder was moved.
func pairUp(before, now []benchmark) (matches []match, single []sided) {
	moved := map[benchmark][2][]benchmark{}
	for _, b := range now {
		if slices.Contains(before, b) {
			matches = append(matches, match{b, b})
		}
	}
	for s, all := range [2][]benchmark{reference: before, current: now} {
		for _, b := range all {
			if !slices.Contains(before, b) || !slices.Contains(now, b) {
				key := benchmark{path.Base(b.pkg), b.name}
				both := moved[key]
				both[s] = append(both[s], b)
				moved[key] = both
			}
		}
	}
	for _, both := range moved {
		if len(both[reference]) == 1 && len(both[current]) == 1 {
			matches = append(matches, match{both[reference][0], both[current][0]})
			continue
		}
		for s, all := range both {
			for _, b := range all {
				single = append(single, sided{side(s), b})
			}
		}
	}
	slices.SortFunc(matches, func(a, b match) int { return strings.Compare(a.String(), b.String()) })
	slices.SortFunc(single, func(a, b sided) int { return strings.Compare(a.benchmark.String(), b.benchmark.String()) })
	return matches, single
}
