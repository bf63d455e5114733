package channels

import (
	"maps"
	"slices"
)

// maxIgnoredKind bounds the name of a kind in the channel's log, in bytes.
const maxIgnoredKind = 64

// KindByKey returns the kind of an event of a platform that names it by a key, as in
// {"id": 1, "poll": {}}: the first key, by name, that is not one of each event's. It is "" where
// there is none of at most 64 bytes.
func KindByKey(event []byte, each ...string) string {
	fields, err := members(event)
	if err != nil {
		return ""
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(each, key) && len(key) <= maxIgnoredKind {
			return key
		}
	}
	return ""
}

// Ignored is the exchange of an event that the channel does not use, for Env.Record: its kind, of
// which 64 bytes are kept, and why.
func Ignored(kind, why string) Exchange {
	kind = UnitBytes.Prefix(kind, maxIgnoredKind)
	return Exchange{Verdict: VerdictIgnored, Text: kind + ": " + why}
}
