package channeltest

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// shortPatience is for channels that fail.
const shortPatience = time.Second

// Failed returns the names of the checks that a type does not pass.
func Failed(typ channels.Type, good Case, platform ...Platform) (names []string) {
	s := newSubject(typ, good, platform)
	s.patience = shortPatience
	for _, c := range checks() {
		if c.run(s) != nil {
			names = append(names, c.name)
		}
	}
	return names
}

// Run runs one case.
func (c Case) Run(channel channels.Channel) error { return c.run(context.Background(), channel) }

// Names returns the names of the checks.
func Names() (names []string) {
	for _, c := range checks() {
		names = append(names, c.name)
	}
	return names
}

// CheckSoon is Check, for a channel that may hang.
func CheckSoon(name string, typ channels.Type, good Case) error {
	for _, c := range checks() {
		if c.name == name {
			s := newSubject(typ, good, nil)
			s.patience = shortPatience
			return c.run(s)
		}
	}
	return errors.New("no check " + name)
}

// Check runs the check of that name and returns why it fails.
func Check(name string, typ channels.Type, good Case, platform ...Platform) error {
	for _, c := range checks() {
		if c.name == name {
			return c.run(newSubject(typ, good, platform))
		}
	}
	return errors.New("no check " + name)
}

// RunSent runs one case of Outbound.
func RunSent(ctx context.Context, c Sent, typ channels.Type, block string) error {
	return c.run(ctx, typ, block)
}
