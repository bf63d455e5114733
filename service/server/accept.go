package server

import (
	"strconv"
	"strings"
)

// accepts reports whether a header such as Accept names a value and does not refuse it.
// Wildcards do not count: curl, which takes anything, is no browser.
func accepts(header, value string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), value) {
			return !refused(parameters)
		}
	}
	return false
}

// refused reports whether the parameters of a value hold the weight zero.
func refused(parameters string) bool {
	for p := range strings.SplitSeq(parameters, ";") {
		key, weight, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(key, "q") {
			q, err := strconv.ParseFloat(weight, 64)
			return err == nil && q == 0
		}
	}
	return false
}
