package rasa

import "errors"

// Mode is when Rasa is asked for a stream, one line per reply, instead of one
// array at the end.
type Mode string

// The modes.
const (
	// ModeAuto streams when the user sees each reply as it comes. A collected turn
	// is the safer one: when it fails Rasa answers, while a failed stream hangs.
	ModeAuto   Mode = "auto"
	ModeAlways Mode = "always"
	ModeNever  Mode = "never"
)

func (m Mode) validate() error {
	switch m {
	case ModeAuto, ModeAlways, ModeNever:
		return nil
	}
	return errors.New(`stream: expected "auto", "always" or "never"`)
}

func (m Mode) streams(live bool) bool { return m == ModeAlways || m == ModeAuto && live }
