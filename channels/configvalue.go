package channels

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Check returns an error for a key of a block unless ok, which says what was expected.
func Check(ok bool, key, expected string) error {
	if ok {
		return nil
	}
	return errors.New(key + ": " + expected)
}

// HostOf returns the host of an address, whose path or query may be a secret; "" when it is none.
func HostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// IsAddress reports whether a value of a block is the http or https address of a server, without
// a query, to which paths can be added.
func IsAddress(value string) bool {
	u, err := url.Parse(value)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.RawQuery == "" && u.Fragment == ""
}

// ParseProxy returns the proxy that a key of a block names, for ClientConfig.Proxy: nil where the
// key is empty. Validate has looked at it by IsAddress before.
func ParseProxy(value string) *url.URL {
	u, err := url.Parse(value)
	if value == "" || err != nil {
		return nil
	}
	return u
}

// IsBelow reports whether an address that a platform names, of a file, an upload or a socket, is
// the platform's own: at the host of base, or encrypted at one below it, such as
// https://files.slack.com below https://slack.com/api. A credential may go to no other.
func IsBelow(base, address string) bool {
	ours, err := url.Parse(base)
	u, errNamed := url.Parse(address)
	if err != nil || errNamed != nil || u.User != nil || u.Host == "" {
		return false
	}
	if u.Host == ours.Host && (u.Scheme == ours.Scheme || u.Scheme == strings.Replace(ours.Scheme, "http", "ws", 1)) {
		return true
	}
	below := "." + strings.TrimPrefix(ours.Hostname(), "www.")
	return (u.Scheme == "https" || u.Scheme == "wss") && strings.HasSuffix(u.Hostname(), below) && u.Port() == ""
}

// OneOf returns an error for a key whose value is none of those that it may have.
func OneOf(key, value string, values ...string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("%s: %.40q is none of %s", key, value, strings.Join(values, ", "))
}
