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

// OneOf returns an error for a key whose value is none of those that it may have.
func OneOf(key, value string, values ...string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("%s: %.40q is none of %s", key, value, strings.Join(values, ", "))
}
