package markup

import (
	"fmt"
	"strings"
)

// linkTo returns the address of a link with what could end it in a markup percent-encoded,
// and whether a reader may be led there: other schemes than these run code or open files.
func linkTo(address string) (target string, ok bool) {
	scheme, rest, found := strings.Cut(address, ":")
	if !found || rest == "" {
		return "", false
	}
	scheme = strings.ToLower(scheme)
	switch scheme {
	case "http", "https":
		if !strings.HasPrefix(rest, "//") || len(rest) == len("//") {
			return "", false
		}
	case "mailto", "tel":
	default:
		return "", false
	}
	var b strings.Builder
	b.WriteString(scheme + ":")
	for i := range len(rest) {
		if c := rest[i]; c <= ' ' || c == 0x7F || strings.IndexByte("\"'<>|`\\^{}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String(), true
}
