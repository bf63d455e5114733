package setup_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/setup"
)

// carrier is a channel type with a required key, an alias, and an Open that can fail.
func carrier() channels.Type {
	return channels.Type{
		Name: "carrier", Aliases: []string{"my.bots.Carrier"}, New: func() channels.Config { return &carrierConfig{} },
	}
}

type carrierConfig struct {
	Home    channels.Secret `yaml:"home"`
	Pigeons int             `yaml:"pigeons"`
}

func (c *carrierConfig) Validate() error {
	var errs []error
	if c.Home == "" {
		errs = append(errs, errors.New("home is required"))
	}
	if c.Pigeons < 0 {
		errs = append(errs, errors.New("pigeons: expected 0 or more"))
	}
	return errors.Join(errs...)
}

func (c *carrierConfig) Open(channels.Env) (channels.Channel, error) {
	if c.Home.Reveal() == "burnt" {
		return nil, errors.New("home: nobody can land there")
	}
	return channels.Webhook{}, nil
}

// loadCredentials returns one line for each instance, remark and error of a
// credentials.yml.
func loadCredentials(t *testing.T, file, connector string) string {
	t.Helper()
	block, err := config.Parse("credentials.yml", []byte(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	types := []channels.Type{carrier(), rest.Type()}
	c, err := setup.LoadCredentials(block, types, connector, slog.New(slog.DiscardHandler))
	var lines []string
	if err != nil {
		return err.Error()
	}
	for _, in := range c.Channels {
		line := fmt.Sprintf("%s is a %s, input_channel %s, split %v", in.Name, in.Type.Name, in.InputChannel, in.Splits(channels.FormatPlain))
		if in.Splits(channels.FormatMarkdown) {
			line += ", Markdown too"
		}
		lines = append(lines, line)
	}
	return strings.Join(append(lines, c.Notes...), "\n")
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	const rest, sales = "rest is a rest, input_channel rest, split true", "sales is a carrier, input_channel carrier, split true"
	for _, c := range []struct {
		name, file, connector string
		want                  string
	}{
		{name: "nothing"},
		{name: "a type, no keys", file: "rest:", want: rest},
		{name: "a type, an empty block", file: "rest: {}", want: rest},
		{
			name: "the order of the file", file: "sales:\n  type: carrier\n  home: here\nrest:\n",
			want: sales + "\n" + rest,
		},
		{
			name: "the keys that every channel has", file: "rest: {input_channel: kiosk, split_paragraphs: false}",
			want: "rest is a rest, input_channel kiosk, split false",
		},
		{
			name: "Markdown is split when it is asked for", file: "rest: {split_paragraphs: true}", want: rest + ", Markdown too",
		},
		{
			name: "Rasa's class takes the type's name", file: "rasa.core.channels.rest.RestInput:\n", want: rest,
		},
		{
			name: "one's own Python class", file: "my.bots.Carrier: {home: here}",
			want: "carrier is a carrier, input_channel carrier, split true",
		},
		{
			name: "an alias as the type of an instance", file: "sales: {type: my.bots.Carrier, home: here}", want: sales,
		},
		{
			name: "a name of one's own that is a type's", file: "rest: {type: carrier, home: here}",
			want: "rest is a carrier, input_channel carrier, split true",
		},
		{
			name: "type and alias", file: "rest:\n\nrasa.core.channels.rest.RestInput:\n",
			want: `credentials.yml:3: channel rest: named already at credentials.yml:1: give one of them another name and "type: rest"`,
		},
		{
			name: "what rasa init writes", file: "rest:\nrasa:\n  url: \"http://localhost:5002/api\"\n",
			want: rest + "\ncredentials.yml:2: rasa: skipped: this version has no such channel",
		},
		{name: "a slip", file: "# mine\nrset:\n", want: `credentials.yml:2: unknown channel "rset": did you mean "rest"?`},
		{
			name: "a name that means nothing", file: "weather:\n",
			want: `credentials.yml:1: unknown channel "weather": there are: carrier, rest (a name of your own needs "type:" under it)`,
		},
		{name: "a slip in the type", file: "sales:\n  home: here\n  type: carier\n", want: `credentials.yml:3: unknown channel "carier": did you mean "carrier"?`},
		{
			name: "Rasa has it, we do not", file: "hangouts:\n",
			want: "credentials.yml:1: channel hangouts: this version of Manyvox does not have it yet; there are: carrier, rest",
		},
		{
			name: "a Python class", file: "addons.custom.MyIO:\n",
			want: "credentials.yml:1: channel addons.custom.MyIO: a Python class cannot be loaded: examples/python-channel shows how to keep it in Python, docs/write-a-channel.md how to write it in Go",
		},
		{
			name: "a name that is no part of a URL", file: "my sales: {type: rest}",
			want: `credentials.yml:1: channel "my sales": a name has letters, digits, "_", "-" and ".": it is part of a URL`,
		},
		{
			name: "a name that is a path", file: "..: {type: rest}",
			want: `credentials.yml:1: channel "..": a name has letters, digits, "_", "-" and ".": it is part of a URL`,
		},
		{name: "no block", file: "rest: 5\n", want: "credentials.yml:1: rest: expected keys under it, or nothing"},
		{name: "a list as type", file: "a:\n  type: [rest]\n", want: "credentials.yml:2: type: expected a text: quote a value that begins with ["},
		{
			name: "an unknown key", file: "rest:\n  on_eror: partial\n",
			want: `credentials.yml:2: channel rest: unknown key "on_eror": did you mean "on_error"?`,
		},
		{
			name: "all that is wrong, at once", file: "rset:\nsales:\n  type: carrier\n  hme: here\n  pigeons: many\nrest:\n  split_paragraphs: perhaps\n",
			want: `credentials.yml:1: unknown channel "rset": did you mean "rest"?
credentials.yml:4: channel sales: unknown key "hme": did you mean "home"?
credentials.yml:5: channel sales: pigeons: expected a whole number
credentials.yml:7: channel rest: split_paragraphs: expected true or false`,
		},
		{
			name: "all that does not go together", file: "sales:\n  type: carrier\n  pigeons: -1\n",
			want: "credentials.yml:1: channel sales: home is required\ncredentials.yml:3: channel sales: pigeons: expected 0 or more",
		},
		{
			name: "a channel that does not open", file: "sales:\n  type: carrier\n  home: burnt\n",
			want: "credentials.yml:3: channel sales: home: nobody can land there",
		},
		{name: "one channel of several", file: "sales: {type: carrier, home: here}\nrest:\n", connector: "sales", want: sales},
		{name: "one channel by its alias", file: "rest: {input_channel: x}\n", connector: "rasa.core.channels.rest.RestInput", want: "rest is a rest, input_channel x, split true"},
		{name: "one channel whose section is an alias", file: "rasa.core.channels.rest.RestInput: {input_channel: x}\n", connector: "rest", want: "rest is a rest, input_channel x, split true"},
		{name: "one channel without a section", file: "sales: {type: carrier, home: here}\n", connector: "rest", want: rest},
		{name: "one channel beside a broken one", file: "rset:\nrest:\n", connector: "rest", want: rest},
		{name: "one channel without a file", connector: "rest", want: rest},
		{name: "one channel that lacks a key", connector: "carrier", want: "credentials.yml:1: channel carrier: home is required"},
		{name: "one channel by a slip", file: "rest:\n", connector: "rset", want: `--connector rset: no such channel: did you mean "rest"?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, loadCredentials(t, c.file, c.connector)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCredentialsShowNoSecret(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		"sales: {type: carrier, home: [s3cret]}", "sales: {type: carrier, home: {s3cret: s3cret}}", "sales: {type: carrier, home: s3cret, pigeons: s3cret}",
		"rest: {token: s3cret, on_error: s3cret}",
	} {
		if got := loadCredentials(t, file, ""); !strings.HasPrefix(got, "credentials.yml:1: ") || strings.Contains(got, "s3cret") {
			t.Errorf("%s: %s", file, got)
		}
	}
}

func TestCredentialsOfSenders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"both", "rest:\n  rate: 30/1m\n  allow: [ann]\n", "rest is a rest, input_channel rest, split true"},
		{"no values", "rest:\n  rate:\n  allow:\n", "rest is a rest, input_channel rest, split true"},
		{"no rate", "rest:\n  rate: often\n", `credentials.yml:2: channel rest: rate: expected a count and a time such as "30/1m"`},
		{"an empty list", "rest:\n\n  allow: []\n", "credentials.yml:3: channel rest: allow: expected at least one sender; without the key everybody may write"},
		{"an empty sender", "rest:\n  allow: [ann, '']\n", "credentials.yml:2: channel rest: allow: a sender is empty"},
		{"no list", "rest:\n  allow: {ann: yes}\n", "credentials.yml:2: channel rest: allow: expected a list, such as [a, b]: found keys under it"},
		{
			"with what the type lacks", "carrier:\n  allow: []\n",
			"credentials.yml:2: channel carrier: allow: expected at least one sender; without the key everybody may write\n" +
				"credentials.yml:1: channel carrier: home is required",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, loadCredentials(t, c.file, "")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
