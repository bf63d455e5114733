package channels_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/manyvox/manyvox/channels"
)

// resolverOf returns a resolver that knows one answer to every question.
func resolverOf(addresses ...string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go answerNames(server, addresses)
		return client, nil
	}}
}

// answerNames answers questions as DNS does over TCP: each message after its length.
func answerNames(conn net.Conn, addresses []string) {
	defer conn.Close()
	for {
		var length [2]byte
		if _, err := conn.Read(length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := conn.Read(query); err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(query) != nil {
			return
		}
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		for _, a := range addresses {
			addAnswer(&m, netip.MustParseAddr(a))
		}
		answer, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

// addAnswer adds the address when it is of the kind that is asked for.
func addAnswer(m *dnsmessage.Message, a netip.Addr) {
	q := m.Questions[0]
	h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}
	switch {
	case q.Type == dnsmessage.TypeA && a.Is4():
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: a.As4()}})
	case q.Type == dnsmessage.TypeAAAA && a.Is6():
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
	}
}

// Addresses that are not public are refused before anything is sent to them, written as
// they are and by a name that resolves to them.
func TestPublicDialerRefuses(t *testing.T) {
	t.Parallel()
	for _, a := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1",
		"192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "fe80::1", "fec0::1",
		"fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1", "2001::1", "2001:db8::1", "100::1",
	} {
		t.Run(a, func(t *testing.T) {
			t.Parallel()
			for _, d := range []struct {
				dialer channels.PublicDialer
				host   string
			}{{channels.PublicDialer{}, a}, {channels.PublicDialer{Resolver: resolverOf(a)}, "innocent.example"}} {
				conn, err := d.dialer.DialContext(t.Context(), "tcp", net.JoinHostPort(d.host, "80"))
				if err == nil {
					conn.Close()
				}
				if err == nil || !strings.Contains(err.Error(), "refused: not a public address") {
					t.Errorf("%s: error %v", d.host, err)
				}
			}
		})
	}
}

// A name that resolves to a public address and to another is never connected to the other.
func TestPublicDialerChecksEachAddress(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	d := channels.PublicDialer{Resolver: resolverOf("::ffff:127.0.0.1", "127.0.0.1", "10.0.0.1")}
	if conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort("rebound.example", port)); err == nil {
		conn.Close()
		t.Error("connected to this machine")
	}
}

// Public addresses pass: the guard lets the connection begin. That needs no network here,
// since the context has ended by then.
func TestPublicDialerLetsThrough(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"} {
		if !channels.IsPublic(netip.MustParseAddr(a)) {
			t.Error(fmt.Sprint(a, " is refused"))
		}
	}
}
