package rpc_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/auth"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/rpc"
	"github.com/manyvox/manyvox/service/servicetest"
)

// fakeHolder holds back what it is given.
type fakeHolder struct{ holds []instance.Hold }

func (h *fakeHolder) Holds() []instance.Hold { return h.holds }

func (h *fakeHolder) Resume(channel string) bool {
	before := len(h.holds)
	h.holds = slices.DeleteFunc(h.holds, func(one instance.Hold) bool { return one.Channel == channel })
	return len(h.holds) < before
}

// fakeDepths is what a journal has, or why it does not answer.
type fakeDepths struct {
	depth   journal.Depth
	waiting map[string]journal.Waiting
	err     error
}

func (d fakeDepths) Depth(context.Context) (journal.Depth, error) { return d.depth, d.err }

func (d fakeDepths) Waiting(context.Context) (map[string]journal.Waiting, error) {
	return maps.Clone(d.waiting), d.err
}

// statusClient returns a client of the calls about the status.
func statusClient(t *testing.T, s rpc.Statuses, p protocol) manyvoxv1connect.ConversationServiceClient {
	t.Helper()
	away := memory.Open() // what is paused is not known
	if err := away.Close(); err != nil {
		t.Fatal(err)
	}
	pauses := rpc.Pauses{Paused: instance.PausedConversations{Journal: away}}
	mux := http.NewServeMux()
	mux.Handle(rpc.Conversations{Statuses: s, Pauses: pauses}.Handler(auth.Guard{Operator: "operator"}))
	server := httptest.NewUnstartedServer(auth.TakeToken(mux))
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server.Config.Protocols = protocols
	server.Start()
	t.Cleanup(server.Close)
	only := new(http.Protocols)
	only.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: only}
	t.Cleanup(transport.CloseIdleConnections)
	return manyvoxv1connect.NewConversationServiceClient(&http.Client{Transport: transport}, server.URL, p.options...)
}

func TestStatus(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(d time.Duration) time.Time { return began.Add(d) }
	m := metrics.New(metrics.Sources{})
	list := servicetest.Channels(t, "rest:\nsales: {type: platform}\n", (&servicetest.FakePlatform{}).Type())
	rest, sales := instance.New(*list[0], m), instance.New(*list[1], m)
	sales.Failed(&channels.Error{Code: channels.CodeUnavailable, Message: "sending failed: throttled"})
	delivery := &fakeHolder{[]instance.Hold{
		{Channel: "sales", Key: "C1\xff", State: instance.HoldPaused, Since: at(2), Until: at(time.Hour), Reason: "throttled"},
		{Channel: "sales", State: instance.HoldOpen, Since: at(1), Until: at(time.Minute), Reason: "unauthorized"},
	}}
	turn := &fakeHolder{[]instance.Hold{{Agent: "rasa", State: instance.HoldHalfOpen, Since: at(3), Reason: "not reached"}}}
	inFlight := instance.NewInFlight(1)
	s := rpc.Statuses{
		Journal: fakeDepths{
			depth:   journal.Depth{Inbox: 3, Outbox: 4, DeadLetters: 5},
			waiting: map[string]journal.Waiting{"sales": {Inbox: 1, Outbox: 4}, "old": {Inbox: 2}},
		},
		Channels: instance.NewRegistry([]*instance.Instance{rest, sales}), InFlight: inFlight, Writable: func() bool { return true },
		Holders: []rpc.Holder{delivery, turn}, Agents: func() []instance.AgentState {
			return []instance.AgentState{
				{Name: "rasa", Type: "rasa", InFlight: 2, Breaker: &instance.Hold{Agent: "rasa", State: instance.HoldHalfOpen, Since: at(3), Until: at(4), Reason: "not reached"}},
				{Name: "model\xff", Type: "openai", InFlight: 4, Concurrency: 4},
			}
		}, Started: began, Version: "1.2.3", Log: slog.New(slog.DiscardHandler),
	}
	want := &manyvoxv1.GetStatusResponse{
		Version: "1.2.3", Started: timestamppb.New(began),
		Journal: &manyvoxv1.JournalStatus{Writable: true, Answers: true, Inbox: 3, Outbox: 4, DeadLetters: 5},
		Channels: []*manyvoxv1.ChannelStatus{
			{Name: "rest", Type: "rest", Capabilities: []string{"address", "receive", "rpc", "send", "token"}, Waiting: &manyvoxv1.ChannelWaiting{}},
			{
				Name: "sales", Type: "platform", Capabilities: []string{"receive", "send"}, Waiting: &manyvoxv1.ChannelWaiting{Inbox: 1, Outbox: 4},
				LastError: &manyvoxv1.LastError{Code: "unavailable", Message: "sending failed: throttled", Time: timestamppb.New(sales.LastFailure().Time)},
				Holds: []*manyvoxv1.Hold{
					{Channel: "sales", State: manyvoxv1.Hold_STATE_OPEN, Since: timestamppb.New(at(1)), Until: timestamppb.New(at(time.Minute)), Reason: "unauthorized"},
					{Channel: "sales", Key: "C1\uFFFD", State: manyvoxv1.Hold_STATE_PAUSED, Since: timestamppb.New(at(2)), Until: timestamppb.New(at(time.Hour)), Reason: "throttled"},
				},
			},
		},
		Orphans:    []*manyvoxv1.OrphanStatus{{Name: "old", Waiting: &manyvoxv1.ChannelWaiting{Inbox: 2}}},
		AgentHolds: []*manyvoxv1.Hold{{Agent: "rasa", State: manyvoxv1.Hold_STATE_HALF_OPEN, Since: timestamppb.New(at(3)), Reason: "not reached"}},
		Agents: []*manyvoxv1.AgentStatus{
			{Name: "rasa", Type: "rasa", InFlight: 2, Breaker: &manyvoxv1.Hold{
				Agent: "rasa", State: manyvoxv1.Hold_STATE_HALF_OPEN, Since: timestamppb.New(at(3)), Until: timestamppb.New(at(4)), Reason: "not reached",
			}},
			{Name: "model\uFFFD", Type: "openai", InFlight: 4, Concurrency: 4},
		},
	}
	for _, p := range rpcProtocols() {
		got, err := statusClient(t, s, p).GetStatus(operatorContext(t), &manyvoxv1.GetStatusRequest{})
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", p.name, err, diff)
		}
	}

	// A journal that does not answer, and a program that shuts down.
	s.Journal, s.Writable = fakeDepths{err: errors.New("away")}, func() bool { return false }
	inFlight.Drain()
	want.Draining, want.Journal, want.Orphans = true, &manyvoxv1.JournalStatus{}, nil
	want.Channels[0].Waiting, want.Channels[1].Waiting = nil, nil
	got, err := s.GetStatus(t.Context(), nil)
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestResumeChannel(t *testing.T) {
	t.Parallel()
	list := servicetest.Channels(t, "sales: {type: platform}\nrest:\n", (&servicetest.FakePlatform{}).Type())
	m := metrics.New(metrics.Sources{})
	delivery := &fakeHolder{[]instance.Hold{{Channel: "sales", State: instance.HoldOpen}, {Channel: "rest", State: instance.HoldPaused}}}
	s := rpc.Statuses{
		Channels: instance.NewRegistry([]*instance.Instance{instance.New(*list[0], m), instance.New(*list[1], m)}),
		Holders:  []rpc.Holder{delivery, &fakeHolder{}}, Log: slog.New(slog.DiscardHandler),
	}
	client := statusClient(t, s, rpcProtocols()[0])
	for _, c := range []struct {
		name, channel string
		resumed       bool
		code          connect.Code
	}{
		{"held", "sales", true, 0},
		{"not any more", "sales", false, 0},
		{"no such channel", "sale", false, connect.CodeNotFound},
		{"no channel", "", false, connect.CodeInvalidArgument},
	} {
		res, err := client.ResumeChannel(operatorContext(t), &manyvoxv1.ResumeChannelRequest{Channel: c.channel})
		if res.GetResumed() != c.resumed || err != nil && connect.CodeOf(err) != c.code || err == nil && c.code != 0 {
			t.Errorf("%s: resumed %v, error %v", c.name, res.GetResumed(), err)
		}
	}
	if diff := cmp.Diff([]instance.Hold{{Channel: "rest", State: instance.HoldPaused}}, delivery.holds); diff != "" {
		t.Errorf("what is still held (-want +got):\n%s", diff)
	}
}

// The service answers with what it is made of, and to the operator alone.
func TestStatusOfTheService(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t), OperatorToken: "operator", Version: "1.2.3",
	})
	client := rpcProtocols()[0].client(h)
	if _, err := client.GetStatus(t.Context(), &manyvoxv1.GetStatusRequest{}); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("without the token: %v", err)
	}
	if _, err := client.ResumeChannel(t.Context(), &manyvoxv1.ResumeChannelRequest{Channel: "rest"}); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("without the token: %v", err)
	}
	got, err := client.GetStatus(operatorContext(t), &manyvoxv1.GetStatusRequest{})
	if err != nil || got.GetVersion() != "1.2.3" || time.Since(got.GetStarted().AsTime()) > servicetest.Timeout || !got.GetJournal().GetWritable() || len(got.GetChannels()) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}
