package channels

import "net/netip"

// IsPublic is isPublic.
func IsPublic(a netip.Addr) bool { return isPublic(a) }
