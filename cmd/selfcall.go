package cmd

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"

	"github.com/manyvox/manyvox/service/setup"
)

// checkSelfCall refuses an agent whose server is this program: each message would wait for
// its own turn. Another name of this machine is found by Manyvox-Hops, with the first message.
func (c *runCommand) checkSelfCall(l *loaded) error {
	var errs []error
	for _, a := range l.Agents {
		errs = append(errs, c.checkSelfCallOf(a))
	}
	return errors.Join(errs...)
}

func (c *runCommand) checkSelfCallOf(a *setup.Agent) error {
	server, err := url.Parse(a.Server())
	if err != nil || server.Host == "" {
		return nil // Validate has looked at it
	}
	port := server.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[server.Scheme]
	}
	if port != strconv.Itoa(c.Port) || !c.isOwnHost(server.Hostname()) {
		return nil
	}
	key, at := a.URL()
	return fmt.Errorf("%s: agent %s: %s: port %d of this machine is this program's own: give one of the two another port (-p)",
		at, a.Name, key, c.Port)
}

// isOwnHost reports whether a host is surely this machine, at an address that run listens on.
func (c *runCommand) isOwnHost(host string) bool {
	ip := net.ParseIP(host)
	if host == "localhost" {
		ip = net.IPv4(127, 0, 0, 1)
	}
	if ip == nil {
		return false
	}
	listens := net.ParseIP(c.Interface)
	switch {
	case ip.IsUnspecified():
		return true
	case listens == nil || listens.IsUnspecified():
		return ip.IsLoopback() || isInterface(ip)
	}
	return ip.Equal(listens) || ip.IsLoopback() && listens.IsLoopback()
}

// isInterface reports whether an address is one of this machine's.
func isInterface(ip net.IP) bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
			return true
		}
	}
	return false
}
