package channels

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Type is a kind of channel that credentials.yml can name.
type Type struct {
	// Name is the type's key in credentials.yml and the default <name> of its
	// routes: lower case, one word.
	Name string
	// Aliases are further names, such as the dotted path of the Python class that
	// the type replaces. An instance named by an alias has the type's name.
	Aliases []string
	// Takes are the kinds of messages that come in: KindText, KindAttachment, and KindButtons
	// for a button that was pressed. The docs list them, and channeltest checks them.
	Takes []Kind
	// RPC opens the type to ChannelService. Leave it false where the webhook checks a
	// signature, since RPC would bypass that.
	RPC bool
	// Replicas lets a Runner run in several programs at once that share a journal.
	// Otherwise one of them runs it, and another takes over when that one ends.
	Replicas bool
	// Window is how long the ids of messages are remembered, so that a redelivered
	// message is not answered again: as long as the platform redelivers. Default and
	// minimum is 48 hours.
	Window time.Duration
	// Example is the smallest block that starts the channel, as YAML without the
	// name; empty when it needs no key.
	Example string
	// New returns the configuration with its defaults.
	New func() Config
	// Fake returns a platform to try the channel with, on this machine. It is nil where
	// there is none.
	Fake func(FakeEnv) http.Handler
}

// WithFake returns the type with a fake platform. The list of types says it, so that no channel
// knows its fake.
func (t Type) WithFake(fake func(FakeEnv) http.Handler) Type {
	t.Fake = fake
	return t
}

// FakeEnv is what a fake platform is given.
type FakeEnv struct {
	// Context ends with the fake: then nothing of it runs any more.
	Context context.Context //nolint:containedctx // it is the fake's whole life
	// Token is the credential that the fake takes, "" for one of its own.
	Token string
	// Dial connects to the channel's webhook.
	Dial DialFunc
}

// Config is a channel's block of credentials.yml: a pointer to a struct whose
// fields have yaml tags. It is decoded strictly into the defaults, validated, and
// then opens the channel.
type Config interface {
	// Validate reports what is missing or contradicts itself, naming the key.
	Validate() error
	// Open makes the channel. It does no network call: a platform that is down
	// stops no start.
	Open(env Env) (Channel, error)
}

// Env is what an instance is given besides its configuration.
type Env struct {
	// Name is the instance's name in credentials.yml.
	Name string
	// Log has the channel's name on every line.
	Log *slog.Logger
	// Dial connects to the addresses of the configuration, which are trusted: they may be
	// on this machine or in a private network. It is what ClientConfig wants. It is always
	// set.
	Dial DialFunc
	// DialPublic connects to addresses that come from a stranger: from messages, replies
	// and platforms. It refuses every address that is not public: this machine, private
	// networks, links, a cloud's metadata, whatever name resolves to them. It is what
	// NewDownloader wants. It is always set.
	DialPublic DialFunc
	// PublicURL is --public-url without a slash at its end, "" where that is not given: the
	// only address at which the outside reaches this program.
	PublicURL string
	// Sign returns a link of PublicURL at which anyone may read a medium of the channel, by
	// its Ref, for so long. It is "" without PublicURL. It is always set, and is called once
	// the channel is in use, not while it opens.
	Sign func(ref string, life time.Duration) string
	// Record adds to the channel's log, where the operator sees what came in, what went out
	// and what was made of it. The service records each request of the webhook and each
	// call of the client that Client returns; a channel adds what only it knows. With the
	// context of a request it says what was made of that request, and the rest of the
	// exchange may be left empty. With any other it adds an exchange of its own. It is
	// always set, and may be called concurrently.
	Record func(context.Context, Exchange)
}

// Client returns a client of the channel's platform. It connects by Dial and records each of
// its calls, unless c says otherwise.
func (e Env) Client(c ClientConfig) *Client {
	if c.Dial == nil {
		c.Dial = e.Dial
	}
	if c.Record == nil {
		c.Record = e.Record
	}
	return NewClient(c)
}
