package instance

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/channellog"
	"github.com/manyvox/manyvox/service/metrics"
)

// RetryAfter is how long a caller is told to wait who was refused for lack of room or
// because the journal failed.
const RetryAfter = time.Second

// Instance is a channel in use. Its methods may be called concurrently.
type Instance struct {
	Config
	// Uses tells when the channel can be closed: nobody calls it who has not entered.
	*Uses
	// Reports orders who says who is connected here.
	Reports *Reports
	// Token is the channel's own; empty asks for none. Signed says that it verifies what
	// its platform signs. The channel is asked once.
	Token  channels.Secret
	Signed bool
	// Senders says who may write, and how much.
	Senders *SenderPolicy
	Metrics *metrics.Channel

	capabilities func() []string
	lastFailure  atomic.Pointer[Failure]
}

// New returns the instance of a block. It mounts the channel unless that is mounted, and
// panics as the channel does.
func New(c Config, m *metrics.Metrics) *Instance {
	if err := c.Mount(); err != nil {
		panic(err)
	}
	in := &Instance{
		Config: c, Uses: NewUses(), Reports: NewReports(), Token: c.Token(), Signed: c.Signed(), Senders: newSenderPolicy(&c), Metrics: m.Of(c.Name, c.Sends()),
	}
	if in.Exchanges == nil {
		in.Exchanges = channellog.NewRecorder(channellog.New(), nil, false, slog.New(slog.DiscardHandler))
	}
	in.capabilities = sync.OnceValue(in.Config.Capabilities)
	return in
}

// Capabilities returns what the channel can do, sorted. The channel is asked once.
func (in *Instance) Capabilities() []string { return in.capabilities() }

// NotStored returns the caller's error when the journal failed with err. It is logged
// and remembered, unless ctx has ended: then the caller went away.
func (in *Instance) NotStored(ctx context.Context, log *slog.Logger, err error) *channels.Error {
	e := &channels.Error{Code: channels.CodeUnavailable, Reason: channels.ReasonJournalUnavailable, RetryAfter: RetryAfter, Message: "the message cannot be stored now", Err: err}
	if ctx.Err() == nil {
		in.Failed(e)
		log.Error("message not stored", "channel", in.Name, "error", err)
	}
	return e
}
