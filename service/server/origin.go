package server

import (
	"fmt"
	"net/url"
	"strings"
)

// CheckOrigin reports an entry of --cors that no page's origin can match, or that matches
// more than it seems to. A browser's origin is scheme, host and port, without a path. The
// only patterns are "*" and, for the names below a host, "https://*.shop.example".
func CheckOrigin(entry string) error {
	if entry == "*" {
		return nil
	}
	const form = `expected an origin such as https://www.example.com, https://*.example.com or *`
	scheme, host, found := strings.Cut(entry, "://")
	switch {
	case !found:
		return fmt.Errorf("%q: %s", entry, form)
	case strings.HasSuffix(host, "/"):
		return fmt.Errorf("%q: an origin has no slash at its end: write %s", entry, strings.TrimRight(entry, "/"))
	}
	name := host
	if below, ok := strings.CutPrefix(host, "*."); ok {
		if !strings.Contains(below, ".") {
			return fmt.Errorf("%q: would match every name that ends in .%s: write https://*.example.com", entry, below)
		}
		name = below
	}
	u, err := url.Parse(scheme + "://" + name)
	if err != nil || strings.Contains(name, "*") || u.Host != name || u.Hostname() == "" || u.User != nil {
		return fmt.Errorf("%q: %s", entry, form)
	}
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return fmt.Errorf("%q: a browser leaves the port out: write %s", entry, strings.TrimSuffix(entry, ":"+port))
	}
	return nil
}
