package journaltest

import (
	"maps"
	"slices"
)

// Writes returns the names of the methods of which the suite checks that they report what
// they change.
func Writes() []string {
	return slices.Concat(slices.Sorted(maps.Keys(writes)), slices.Sorted(maps.Keys(sharedWrites)))
}

// Reads returns the names of the methods of which the suite checks that they report
// nothing.
func Reads() []string { return slices.Sorted(maps.Keys(reads)) }
