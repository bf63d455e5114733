package channels

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// PublicDialer connects to public addresses alone: it guards the service's own network
// against URLs that come from strangers. A name is looked up first, and each address that it
// resolves to is checked at the moment of the connection, so that nothing is gained by a name
// that resolves to another address the second time. It may be used concurrently.
type PublicDialer struct {
	// Resolver looks names up. Nil means net.DefaultResolver.
	Resolver *net.Resolver
}

// DialContext connects as net.Dialer does, unless the address is not public: this machine,
// a private network, a link or a cloud's metadata.
func (d PublicDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTimeout, Resolver: d.Resolver, ControlContext: refusePrivate}
	return dialer.DialContext(ctx, network, address)
}

// refusePrivate is called with the address that a name has resolved to, before anything is
// sent to it.
func refusePrivate(_ context.Context, network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%s %s: refused: not an address of TCP", network, address)
	}
	if !isPublic(to.Addr()) {
		return fmt.Errorf("%s: refused: not a public address, and the URL is not of the configuration", to.Addr())
	}
	return nil
}

// isPublic reports whether an address is one that the Internet routes.
func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return !isIn(a, notPublic4())
	}
	return global6().Contains(a) && !isIn(a, notPublic6())
}

func isIn(a netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// notPublic4 are the networks that IANA keeps from the Internet, and the address at which
// Azure answers its machines.
// https://www.iana.org/assignments/iana-ipv4-special-registry
// https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
func notPublic4() []netip.Prefix {
	return prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32")
}

// global6 is the network that all addresses of the Internet are in. So what is local, of a
// link, mapped or translated from IPv4 (64:ff9b::/96) is none.
func global6() netip.Prefix { return netip.MustParsePrefix("2000::/3") }

// notPublic6 are the networks in it that lead elsewhere: Teredo and other protocols,
// documentation, and 6to4, which holds an IPv4 address.
// https://www.iana.org/assignments/iana-ipv6-special-registry
func notPublic6() []netip.Prefix {
	return prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}
