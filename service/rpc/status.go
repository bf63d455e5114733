package rpc

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/instance"
)

// Statuses are the calls that tell how the program is doing, and end what is held back.
type Statuses struct {
	Journal  Depths
	Channels *instance.Registry
	InFlight *instance.InFlight
	// Writable reports whether the journal can be written, as far as is known.
	Writable func() bool
	// Holders are the rooms that hold something back.
	Holders []Holder
	// Agents returns how the agents are doing.
	Agents func() []instance.AgentState
	// Started is when the program started.
	Started time.Time
	// Version is the program's.
	Version string
	Log     *slog.Logger
}

// Holder is a room that holds messages or parts back.
type Holder interface {
	// Holds returns what is held back now, in no order.
	Holds() []instance.Hold
	// Resume ends what holds a channel back, and reports whether anything did.
	Resume(channel string) bool
}

// GetStatus tells what waits, what is held back and what went wrong last.
func (s Statuses) GetStatus(ctx context.Context, _ *manyvoxv1.GetStatusRequest) (*manyvoxv1.GetStatusResponse, error) {
	res := &manyvoxv1.GetStatusResponse{
		Version: s.Version, Started: timestamppb.New(s.Started), Draining: s.InFlight.IsDraining(),
		Journal: &manyvoxv1.JournalStatus{Writable: s.Writable()},
	}
	holds := s.holds()
	res.AgentHolds = holds[""]
	s.addAgents(res)
	for _, in := range s.Channels.All() {
		res.Channels = append(res.Channels, &manyvoxv1.ChannelStatus{
			Name: in.Name, Type: in.Type.Name, Capabilities: in.Capabilities(),
			LastError: lastErrorOf(in.LastFailure()), Holds: holds[in.Name],
			Exchanges: countsOf(in.Exchanges.Log),
		})
	}
	s.addWaiting(ctx, res)
	return res, nil
}

// addAgents adds how the agents are doing.
func (s Statuses) addAgents(res *manyvoxv1.GetStatusResponse) {
	for _, a := range s.Agents() {
		status := &manyvoxv1.AgentStatus{Name: valid(a.Name), Type: a.Type, InFlight: int64(a.InFlight), Concurrency: int64(a.Concurrency)}
		if a.Breaker != nil {
			status.Breaker = holdOf(a.Breaker)
		}
		res.Agents = append(res.Agents, status)
	}
}

// addWaiting adds how much waits. When the journal does not answer it adds nothing.
func (s Statuses) addWaiting(ctx context.Context, res *manyvoxv1.GetStatusResponse) {
	depth, waiting, ok := depths(ctx, s.Journal)
	if !ok {
		return
	}
	j := res.GetJournal()
	j.Answers = true
	j.Inbox, j.Outbox, j.DeadLetters = int64(depth.Inbox), int64(depth.Outbox), int64(depth.DeadLetters)
	for _, c := range res.GetChannels() {
		c.Waiting = waitingOf(waiting[c.GetName()])
		delete(waiting, c.GetName())
	}
	for _, name := range slices.Sorted(maps.Keys(waiting)) {
		res.Orphans = append(res.Orphans, &manyvoxv1.OrphanStatus{Name: valid(name), Waiting: waitingOf(waiting[name])})
	}
}

// holds returns what is held back by channel, that of agents under "", the oldest first.
func (s Statuses) holds() map[string][]*manyvoxv1.Hold {
	var all []instance.Hold
	for _, h := range s.Holders {
		all = append(all, h.Holds()...)
	}
	slices.SortStableFunc(all, func(a, b instance.Hold) int { return a.Since.Compare(b.Since) })
	byChannel := map[string][]*manyvoxv1.Hold{}
	for i := range all {
		byChannel[all[i].Channel] = append(byChannel[all[i].Channel], holdOf(&all[i]))
	}
	return byChannel
}

// ResumeChannel ends what holds a channel back.
func (s Statuses) ResumeChannel(
	ctx context.Context, req *manyvoxv1.ResumeChannelRequest,
) (*manyvoxv1.ResumeChannelResponse, error) {
	if req.GetChannel() == "" {
		return nil, channels.InvalidField("channel", "required")
	}
	in, err := s.Channels.Find(req.GetChannel())
	if err != nil {
		return nil, err
	}
	res := &manyvoxv1.ResumeChannelResponse{}
	for _, h := range s.Holders {
		if h.Resume(in.Name) {
			res.Resumed = true
		}
	}
	if res.GetResumed() {
		s.Log.InfoContext(ctx, "channel resumed", "channel", in.Name)
	}
	return res, nil
}

var holdStates = map[instance.HoldState]manyvoxv1.Hold_State{
	instance.HoldOpen:     manyvoxv1.Hold_STATE_OPEN,
	instance.HoldHalfOpen: manyvoxv1.Hold_STATE_HALF_OPEN,
	instance.HoldPaused:   manyvoxv1.Hold_STATE_PAUSED,
}

// holdOf converts a hold.
func holdOf(h *instance.Hold) *manyvoxv1.Hold {
	return &manyvoxv1.Hold{
		Channel: h.Channel, Key: valid(h.Key), Agent: h.Agent, State: holdStates[h.State],
		Since: timeOf(h.Since), Until: timeOf(h.Until), Reason: valid(h.Reason),
	}
}

// timeOf returns nil for the zero time.
func timeOf(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func lastErrorOf(f *instance.Failure) *manyvoxv1.LastError {
	if f == nil {
		return nil
	}
	return &manyvoxv1.LastError{Code: f.Code, Message: valid(f.Message), Time: timestamppb.New(f.Time)}
}
