package instance

import (
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Failure is what went wrong in a channel.
type Failure struct {
	// Code is that of the error object, such as "unavailable".
	Code string
	// Message is for people. It holds no secret and no internals.
	Message string
	Time    time.Time
}

// Failed remembers the channel's last error for Health and GetStatus.
func (in *Instance) Failed(e *channels.Error) {
	in.lastFailure.Store(&Failure{Code: e.Code.String(), Message: e.Message, Time: time.Now()})
}

// LastFailure returns the last error, nil when there was none.
func (in *Instance) LastFailure() *Failure { return in.lastFailure.Load() }

// LastError returns the last error in words, "" when there was none.
func (in *Instance) LastError() string {
	if f := in.lastFailure.Load(); f != nil {
		return f.Code + ": " + f.Message
	}
	return ""
}
