package config_test

import (
	"testing"

	"github.com/manyvox/manyvox/config"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		known []string
		want  string
	}{
		{"tolken", []string{"url", "token", "timeout"}, "token"},
		{"TOKEN", []string{"token"}, "token"},
		{"token", []string{"token"}, "token"},
		{"slack_tokn", []string{"slack_channel", "slack_token"}, "slack_token"},
		{"tokne", []string{"token"}, "token"},
		{"rset", []string{"test", "rest"}, "rest"},
		{"tokanx", []string{"token"}, "token"},
		{"takan", []string{"token"}, ""}, // two letters of five differ
		{"on_eror", []string{"on_error"}, "on_error"},
		{"something", []string{"token", "url"}, ""},
		{"rezt", []string{"test", "rest"}, "rest"},
		{"ab", []string{"ac", "aa"}, "aa"}, // equally near: the first by name
		{"", []string{"a"}, "a"},
		{"a", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := config.Nearest(c.name, c.known); got != c.want {
				t.Errorf("nearest %q, want %q", got, c.want)
			}
		})
	}
}
