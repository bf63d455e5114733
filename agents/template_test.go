package agents_test

import (
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Sender undoes Fill, and takes no name that Fill does not make.
func TestTemplateSender(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		template      agents.Template
		channel, name string
		want          string // "" for none
	}{
		{"{sender}", "rest", "ann", "ann"},
		{"{sender}", "rest", "", ""},
		{"{channel}:{sender}", "rest", "rest:ann", "ann"},
		{"{channel}:{sender}", "rest", "rest:", ""},
		{"{channel}:{sender}", "rest", "sms:ann", ""},
		{"{channel}:{sender}", "rest", "rest", ""},
		{"{channel}:{sender}", "rest", "rest:{sender}", "{sender}"},
		{"{sender}@{channel}.example", "rest", "ann@rest.example", "ann"},
		{"{sender}@{channel}.example", "rest", "ann@rest.example.org", ""},
		{"{sender}/{sender}", "rest", "ann/ann", "ann"},
		{"{sender}/{sender}", "rest", "ann/bob", ""},
		{"{sender}/{sender}", "rest", "ann/anna", ""},
		{"{sender}{sender}", "rest", "éé", "é"},
		{"{channel}{sender}{channel}", "rest", "restrest", ""},
		{"fixed", "rest", "fixed", ""},
	} {
		got, ok := c.template.Sender(c.channel, c.name)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s, %s, %s: %q %v, want %q", c.template, c.channel, c.name, got, ok, c.want)
		}
	}
}

// FuzzTemplateSender fills templates and takes the names apart again.
func FuzzTemplateSender(f *testing.F) {
	f.Add("{channel}:{sender}", "rest", "ann")
	f.Add("{sender}{channel}{sender}", "a", "aa")
	f.Fuzz(func(t *testing.T, template, channel, sender string) {
		tmpl := agents.Template(template)
		if tmpl.Validate() != nil || sender == "" {
			return
		}
		name := tmpl.Fill(channels.Conversation{Channel: channel, Sender: sender})
		got, ok := tmpl.Sender(channel, name)
		if !ok || got != sender {
			t.Errorf("%q of %q is %q, want %q", name, template, got, sender)
		}
	})
}
