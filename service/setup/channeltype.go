package setup

import (
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

// rasaChannels are the names that Rasa knows as built-in channels (up to 3.x, and
// those of its newer releases), so that one we lack is told from a slip of the pen.
var rasaChannels = []string{
	"cmdline", "facebook", "slack", "telegram", "mattermost", "twilio", "twilio_voice", "rasa", "botframework",
	"rocketchat", "callback", "rest", "socketio", "webexteams", "hangouts", "audiocodes", "audiocodes_stream",
	"vier_cvg", "jambonz", "jambonz_stream", "twilio_media_streams", "browser_audio", "genesys", "studio_chat",
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

// lookup finds a type by its name or an alias, such as the path of Rasa's class.
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
		return b.Errorf(key, "channel %s: a Python class cannot be loaded: examples/python-channel shows how to keep it in Python, docs/write-a-channel.md how to write it in Go", name)
	case near != "":
		return b.Errorf(key, "unknown channel %q: did you mean %q?", name, near)
	}
	return b.Errorf(key, "unknown channel %q: there are: %s (a name of your own needs \"type:\" under it)", name, strings.Join(known, ", "))
}
