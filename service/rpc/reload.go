package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/instance"
)

// Reloads is the call that reads the configuration again.
type Reloads struct{ Reloader Reloader }

// Reloader knows the configuration in use.
type Reloader interface {
	// Reload puts the configuration in use that the files have now.
	Reload(ctx context.Context) (*instance.Reload, error)
	// LastReload returns the revision in use and the last reload, nil when there was none.
	LastReload() (revision int64, last *instance.Reload)
}

// Reload reads both files again. A configuration that has mistakes is the caller's to mend.
func (r Reloads) Reload(ctx context.Context, _ *manyvoxv1.ReloadRequest) (*manyvoxv1.ReloadResponse, error) {
	outcome, err := r.Reloader.Reload(ctx)
	if err != nil {
		return nil, err
	}
	if outcome.Err != nil {
		return nil, channels.Errorf(channels.CodeFailedPrecondition, "%v", outcome.Err).Because(channels.ReasonConfigurationInvalid)
	}
	return &manyvoxv1.ReloadResponse{Outcome: outcomeOf(outcome)}, nil
}

// addTo adds the configuration in use to a status.
func (r Reloads) addTo(res *manyvoxv1.GetStatusResponse) {
	if r.Reloader == nil { // a program that has no configuration to read again
		return
	}
	revision, last := r.Reloader.LastReload()
	res.Revision = revision
	if last != nil {
		res.LastReload = outcomeOf(last)
	}
}

var changes = map[instance.Change]manyvoxv1.ChannelChange_Change{
	instance.Kept:    manyvoxv1.ChannelChange_CHANGE_KEPT,
	instance.Added:   manyvoxv1.ChannelChange_CHANGE_ADDED,
	instance.Changed: manyvoxv1.ChannelChange_CHANGE_CHANGED,
	instance.Removed: manyvoxv1.ChannelChange_CHANGE_REMOVED,
}

// outcomeOf converts the outcome of a reload.
func outcomeOf(r *instance.Reload) *manyvoxv1.ReloadOutcome {
	o := &manyvoxv1.ReloadOutcome{
		Revision: r.Revision, Time: timestamppb.New(r.Time), Agent: changes[r.Agent],
	}
	if r.Err != nil {
		o.Error = valid(r.Err.Error())
	}
	for _, note := range r.Notes {
		o.Notes = append(o.Notes, valid(note))
	}
	for _, c := range r.Channels {
		o.Channels = append(o.Channels, &manyvoxv1.ChannelChange{Name: c.Name, Type: c.Type, Change: changes[c.Change]})
	}
	return o
}
