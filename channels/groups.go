package channels

import (
	"encoding"
	"errors"
)

// Groups says which messages of a group a channel answers. It is a key of blocks.
type Groups string

// The values of Groups.
const (
	// GroupsAddressed are messages that mention the bot, answer it or are a command for it.
	GroupsAddressed Groups = "addressed"
	GroupsAll       Groups = "all"
	GroupsNone      Groups = "none"
)

// Refuses returns why a message of a group is not answered, "" when it is.
func (g Groups) Refuses(addressed bool) (why string) {
	switch {
	case g == GroupsNone:
		return "groups are not answered"
	case g != GroupsAll && !addressed:
		return "it is not addressed to the bot"
	}
	return ""
}

// UnmarshalText reads one of the values.
func (g *Groups) UnmarshalText(text []byte) error {
	switch value := Groups(text); value {
	case GroupsAddressed, GroupsAll, GroupsNone:
		*g = value
		return nil
	}
	return errors.New("expected " + g.Expected())
}

// Expected says what UnmarshalText takes.
func (*Groups) Expected() string { return "addressed, all or none" }

var _ encoding.TextUnmarshaler = (*Groups)(nil)
