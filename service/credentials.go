package service

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

// Credentials is what credentials.yml asks for.
type Credentials struct {
	// Instances are the channels, in the order of the file.
	Instances []*Instance
	// Notes tell what was passed over and why.
	Notes []string
}

// rasaChannels are the names that Rasa knows as built-in channels (up to 3.x, and
// those of its newer releases), so that one we lack is told from a slip of the pen.
var rasaChannels = []string{
	"cmdline", "facebook", "slack", "telegram", "mattermost", "twilio", "twilio_voice", "rasa", "botframework",
	"rocketchat", "callback", "rest", "socketio", "webexteams", "hangouts", "audiocodes", "audiocodes_stream",
	"vier_cvg", "jambonz", "jambonz_stream", "twilio_media_streams", "browser_audio", "genesys", "studio_chat",
}

// common are the keys that any channel's block may have.
type common struct {
	Type            string `yaml:"type"`
	InputChannel    string `yaml:"input_channel"`
	SplitParagraphs bool   `yaml:"split_paragraphs"`
	OnFailure       string `yaml:"on_failure"`

	Rate  channels.Rate `yaml:"rate"`
	Allow []string      `yaml:"allow"`
}

// validate reports a list of senders that no sender can be on.
func (c *common) validate() error {
	switch {
	case c.Allow != nil && len(c.Allow) == 0:
		return errors.New("allow: expected at least one sender; without the key everybody may write")
	case slices.Contains(c.Allow, ""):
		return errors.New("allow: a sender is empty")
	}
	return nil
}

// loader opens the channels of a credentials.yml.
type loader struct {
	types []channels.Type
	log   *slog.Logger
}

// LoadCredentials opens every channel of a parsed credentials.yml, or only the one
// named by connector unless that is empty. All that is wrong is reported at once,
// one line each.
func LoadCredentials(file *config.Block, types []channels.Type, connector string, log *slog.Logger) (*Credentials, error) {
	l := loader{types, log}
	names := file.Keys()
	if connector != "" {
		if i := slices.IndexFunc(names, func(n string) bool { return l.same(n, connector) }); i >= 0 {
			connector = names[i]
		}
		names = []string{connector}
	}
	c := &Credentials{}
	var errs []error
	at := map[string]string{}
	for _, name := range names {
		if name == "rasa" && l.lookup(name) == nil {
			c.Notes = append(c.Notes, file.At(name)+": rasa: skipped: this version has no such channel")
			continue
		}
		in, err := l.open(file, name)
		if err == nil && at[in.Name] != "" {
			err = file.Errorf(name, "channel %s: named already at %s: give one of them another name and \"type: %s\"",
				in.Name, at[in.Name], in.Type.Name)
		}
		if err == nil {
			err = checkMount(file, name, in, c.Instances)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		at[in.Name] = file.At(name)
		c.Instances = append(c.Instances, in)
	}
	return c, errors.Join(errs...)
}

// same reports whether two names of credentials.yml mean the same instance.
func (l loader) same(a, b string) bool {
	if a == b {
		return true
	}
	ta, tb := l.lookup(a), l.lookup(b)
	return ta != nil && tb != nil && ta.Name == tb.Name
}

func (l loader) open(file *config.Block, name string) (*Instance, error) {
	block, err := file.Sub(name)
	if err != nil {
		return nil, err
	}
	t, instance, err := l.typeOf(file, block, name)
	if err != nil {
		return nil, err
	}
	block = block.Named("channel " + instance)
	keys := common{SplitParagraphs: true}
	config := t.New()
	if err := block.Decode(&keys, config); err != nil {
		return nil, err
	}
	if err := errors.Join(keys.validate(), config.Validate()); err != nil {
		return nil, block.Wrap(err)
	}
	c, err := config.Open(channels.Env{Name: instance, Log: l.log.With("channel", instance)})
	if err != nil {
		return nil, block.Wrap(err)
	}
	return &Instance{
		Name: instance, Type: *t, Channel: c,
		InputChannel:    cmp.Or(keys.InputChannel, t.Name),
		SplitParagraphs: keys.SplitParagraphs,
		OnFailure:       keys.OnFailure,
		Rate:            keys.Rate,
		Allow:           keys.Allow,
	}, nil
}

// typeOf finds the type of a block: its key type, or else its name. An instance that
// is named by an alias gets the type's name.
func (l loader) typeOf(file, block *config.Block, name string) (*channels.Type, string, error) {
	named, err := block.Text("type")
	if err != nil {
		return nil, "", err
	}
	if named == "" {
		t := l.lookup(name)
		if t == nil {
			return nil, "", l.unknown(file, name, name)
		}
		return t, t.Name, nil
	}
	t := l.lookup(named)
	if t == nil {
		return nil, "", l.unknown(block, "type", named)
	}
	return t, name, checkName(file, name)
}

func (l loader) lookup(name string) *channels.Type {
	for i, t := range l.types {
		if t.Name == name || slices.Contains(t.Aliases, name) {
			return &l.types[i]
		}
	}
	return nil
}

// checkName allows the names that stand in a path as they are.
func checkName(file *config.Block, name string) error {
	ok := name != "" && strings.IndexFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.", r))
	}) < 0 && strings.Trim(name, ".") != ""
	if !ok {
		return file.Errorf(name, "channel %q: a name has letters, digits, \"_\", \"-\" and \".\": it is part of a URL", name)
	}
	return nil
}

// unknown says why a name means no type, from the surest reason to the vaguest.
func (l loader) unknown(b *config.Block, key, name string) error {
	known := namesOf(l.types, func(t channels.Type) string { return t.Name })
	near := config.Nearest(name, known)
	switch {
	case slices.Contains(rasaChannels, name):
		return b.Errorf(key, "channel %s: this version of Manyvox does not have it yet; there are: %s", name, strings.Join(known, ", "))
	case strings.Contains(name, "."):
		return b.Errorf(key, "channel %s: a Python class cannot be loaded: docs/write-a-channel.md shows how to write it in Go", name)
	case near != "":
		return b.Errorf(key, "unknown channel %q: did you mean %q?", name, near)
	}
	return b.Errorf(key, "unknown channel %q: there are: %s (a name of your own needs \"type:\" under it)", name, strings.Join(known, ", "))
}
