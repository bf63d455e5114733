package media

import (
	"context"
	"log/slog"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// unusedLife is how long an upload is kept that no message holds.
	unusedLife = time.Hour
	// linkLife is how long a link lives at least.
	linkLife = time.Hour
)

// Store keeps media, as journal.Media does, and knows the messages that are stored, as
// journal.Asks does.
type Store interface {
	journal.Media
	Recall(ctx context.Context, k journal.Key) (*journal.Known, error)
}

// Disk refuses what must not be stored because the journal's disk is almost full.
type Disk interface {
	CheckDisk(ctx context.Context) error
}

// Config is what a Library needs.
type Config struct {
	Store Store
	Disk  Disk
	Links *instance.Links
	// AgentTimeout returns what bounds a turn that begins now: links live as long at least.
	AgentTimeout func() time.Duration
	// ResponseTimeout bounds how long a caller waits until its turn begins.
	ResponseTimeout time.Duration
	// Dial connects to the addresses that strangers name. Nil means channels.PublicDialer's.
	Dial channels.DialFunc
	Log  *slog.Logger
}

// Library knows where the bytes of attachments are. Its methods may be called concurrently.
type Library struct {
	Config
	shares     *shares
	downloader *channels.Downloader
	// uploads and reads bound how many requests have a medium in memory at once.
	uploads, reads places
}

// New returns a Library.
func New(c Config) *Library {
	if c.Dial == nil {
		c.Dial = channels.PublicDialer{}.DialContext
	}
	return &Library{
		Config: c, shares: newShares(c.Store), downloader: channels.NewDownloader(c.Dial),
		uploads: make(places, maxUploads), reads: make(places, maxReads),
	}
}

// takesUploads returns why a channel takes no uploads, nil when it does. It does where
// its callers write to us themselves. A platform's users can't call us, and those of a
// channel that has neither a webhook nor RPC show their token elsewhere, as on a socket,
// where this route does not see it: they send their bytes as content.
func takesUploads(in *instance.Instance) error {
	switch {
	case in.Signed || in.Fetches():
		return channels.Errorf(channels.CodeFailedPrecondition, "channel %s: takes no uploads: its platform keeps the media", in.Name)
	case !in.TakesCalls():
		return channels.Errorf(channels.CodeFailedPrecondition, "channel %s: takes no uploads: send the bytes as attachments[].content", in.Name)
	}
	return nil
}

// Link returns the URL at which an attachment is read from outside during one attempt of a
// turn, "" without a --public-url.
func (l *Library) Link(in *instance.Instance, a channels.Attachment) string {
	return l.Links.Sign(in.Name, a.Ref, max(linkLife, l.AgentTimeout()))
}

// refused is the error of what can't be stored now, for want of the journal.
func (l *Library) refused(ctx context.Context, in *instance.Instance, err error) error {
	return in.NotStored(ctx, l.Log, err)
}
