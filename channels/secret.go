package channels

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
)

// Secret is a string that shows itself to nobody: printed, logged or encoded it is
// "<secret>". Only in a field that is not exported can package fmt see it, so don't
// print a struct that keeps it there.
type Secret string

const hidden = "<secret>"

// Reveal returns the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// Equal reports in constant time whether candidate is the secret. An empty secret
// equals nothing.
func (s Secret) Equal(candidate string) bool {
	want, got := sha256.Sum256([]byte(s)), sha256.Sum256([]byte(candidate))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1 && s != ""
}

// Derive returns a secret that is made of s for one purpose, such as "the webhook of a bot": the
// same in every replica. Nobody learns s by it.
func (s Secret) Derive(purpose string) Secret {
	mac := hmac.New(sha256.New, []byte(s))
	mac.Write([]byte(purpose))
	return Secret(hex.EncodeToString(mac.Sum(nil)))
}

// UnmarshalText reads a secret of a file or of a flag. One that is written and comes out
// empty, as by ${VAR:-}, is an error: it would be an open door.
func (s *Secret) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("expected " + s.Expected())
	}
	*s = Secret(text)
	return nil
}

// NeedsValue has package config refuse a key without a value too.
func (*Secret) NeedsValue() {}

// Expected says what UnmarshalText takes.
func (*Secret) Expected() string { return "a secret that is not empty; without one leave it out" }

// String returns "<secret>", or "" for an empty one.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format prints what String returns for every verb, %#v too.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue logs what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText encodes what String returns.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON encodes what String returns.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

var (
	_ fmt.Formatter            = Secret("")
	_ slog.LogValuer           = Secret("")
	_ encoding.TextUnmarshaler = (*Secret)(nil)
)
