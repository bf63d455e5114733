package cmd_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// statusService answers with a status, and resumes the channel sales once.
type statusService struct {
	manyvoxv1connect.UnimplementedConversationServiceHandler

	status  *manyvoxv1.GetStatusResponse
	resumed bool
}

func (s *statusService) GetStatus(context.Context, *manyvoxv1.GetStatusRequest) (*manyvoxv1.GetStatusResponse, error) {
	return s.status, nil
}

func (s *statusService) ResumeChannel(_ context.Context, req *manyvoxv1.ResumeChannelRequest) (*manyvoxv1.ResumeChannelResponse, error) {
	if req.GetChannel() != "sales" {
		return nil, connect.NewError(connect.CodeNotFound, errors.New("no channel \"sale\" in credentials.yml; did you mean sales?"))
	}
	held := !s.resumed
	s.resumed = true
	return &manyvoxv1.ResumeChannelResponse{Resumed: held}, nil
}

// serve returns the URL of the service.
func (s *statusService) serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(manyvoxv1connect.NewConversationServiceHandler(s))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestStatus(t *testing.T) {
	t.Parallel()
	at := timestamppb.New(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	for _, c := range []struct {
		name   string
		status *manyvoxv1.GetStatusResponse
		args   []string
		want   string
	}{
		{
			name: "all is well",
			status: &manyvoxv1.GetStatusResponse{
				Version: "1.2.3", Started: at, Journal: &manyvoxv1.JournalStatus{Writable: true, Answers: true, Inbox: 1},
				Channels: []*manyvoxv1.ChannelStatus{{Name: "rest", Type: "rest", Waiting: &manyvoxv1.ChannelWaiting{Inbox: 1}}},
				Agents:   []*manyvoxv1.AgentStatus{{Name: "bot", Type: "rasa", InFlight: 3}, {Name: "model", Type: "openai", Concurrency: 4}},
			},
			want: `manyvox 1.2.3, since 2026-01-02T03:04:05Z
journal: writable, 1 message to be answered, 0 parts to be sent, 0 dead letters

CHANNEL  TYPE    INBOX   OUTBOX  LAST ERROR
rest     rest    1       0       ` + `

AGENT   TYPE    TURNS   AT MOST  BREAKER
bot     rasa    3                closed
model   openai  0       4        closed
`,
		},
		{
			name: "nothing is",
			status: &manyvoxv1.GetStatusResponse{
				Version: "1.2.3", Started: at, Draining: true, Journal: &manyvoxv1.JournalStatus{Answers: true, Inbox: 5, Outbox: 3, DeadLetters: 1},
				Channels: []*manyvoxv1.ChannelStatus{{
					Name: "sales", Type: "slack", Waiting: &manyvoxv1.ChannelWaiting{Outbox: 3},
					LastError: &manyvoxv1.LastError{Code: "unavailable", Message: "sending failed: \x1b[31munauthorized", Time: at},
					Holds: []*manyvoxv1.Hold{
						{Channel: "sales", State: manyvoxv1.Hold_STATE_OPEN, Since: at, Until: at, Reason: "unauthorized"},
						{Channel: "sales", Key: "C1", State: manyvoxv1.Hold_STATE_PAUSED, Since: at, Until: at, Reason: "throttled"},
					},
					Exchanges: []*manyvoxv1.ExchangeCount{
						{Direction: manyvoxv1.Exchange_DIRECTION_IN, Verdict: manyvoxv1.Exchange_VERDICT_ACCEPTED, Count: 5},
						{Direction: manyvoxv1.Exchange_DIRECTION_IN, Verdict: manyvoxv1.Exchange_VERDICT_SIGNATURE_WRONG, Count: 20, Last: &manyvoxv1.Exchange{
							Time: at, Count: 12, Verdict: manyvoxv1.Exchange_VERDICT_SIGNATURE_WRONG, Code: "unauthenticated",
							Text: "signature does not match slack_signing_secret",
						}},
						{Direction: manyvoxv1.Exchange_DIRECTION_OUT, Verdict: manyvoxv1.Exchange_VERDICT_FAILED, Count: 1, Last: &manyvoxv1.Exchange{
							Time: at, Count: 1, Verdict: manyvoxv1.Exchange_VERDICT_FAILED, Code: "channel_not_found", Text: "gone: no such channel",
						}},
					},
				}},
				Orphans:    []*manyvoxv1.OrphanStatus{{Name: "old", Waiting: &manyvoxv1.ChannelWaiting{Inbox: 5}}},
				AgentHolds: []*manyvoxv1.Hold{{Agent: "rasa", State: manyvoxv1.Hold_STATE_HALF_OPEN, Since: at, Reason: "not reached"}},
				Agents: []*manyvoxv1.AgentStatus{
					{Name: "rasa", Type: "rasa", Breaker: &manyvoxv1.Hold{State: manyvoxv1.Hold_STATE_HALF_OPEN, Since: at}},
					{Name: "model\x1b[31m", Type: "openai", InFlight: 4, Concurrency: 4, Breaker: &manyvoxv1.Hold{State: manyvoxv1.Hold_STATE_OPEN, Until: at}},
				},
			},
			want: `manyvox 1.2.3, since 2026-01-02T03:04:05Z, shutting down
journal: CANNOT BE WRITTEN, 5 messages to be answered, 3 parts to be sent, 1 dead letter

CHANNEL  TYPE    INBOX   OUTBOX  LAST ERROR
sales    slack   0       3       2026-01-02T03:04:05Z "unavailable: sending failed: \x1b[31munauthorized"

AGENT            TYPE    TURNS   AT MOST  BREAKER
rasa             rasa    0                half-open
"model\x1b[31m"  openai  4       4        open until 2026-01-02T03:04:05Z

HELD BACK            STATE      SINCE                 UNTIL                 REASON
agent rasa           half-open  2026-01-02T03:04:05Z                        not reached
channel sales        open       2026-01-02T03:04:05Z  2026-01-02T03:04:05Z  unauthorized
channel sales to C1  paused     2026-01-02T03:04:05Z  2026-01-02T03:04:05Z  throttled

WENT WRONG             VERDICT          TIMES   LAST                  WHAT
channel sales  in      signature wrong  20      2026-01-02T03:04:05Z  signature does not match slack_signing_secret (12 in 5 min)
channel sales  out     failed           1       2026-01-02T03:04:05Z  channel_not_found: gone: no such channel

channel old is not configured any more: 5 messages to be answered
`,
		},
		{
			name: "the journal is away",
			status: &manyvoxv1.GetStatusResponse{
				Version: "1.2.3", Started: at, Journal: &manyvoxv1.JournalStatus{}, Channels: []*manyvoxv1.ChannelStatus{{Name: "rest", Type: "rest"}},
			},
			want: `manyvox 1.2.3, since 2026-01-02T03:04:05Z
journal: CANNOT BE WRITTEN, does not answer

CHANNEL  TYPE    INBOX   OUTBOX  LAST ERROR
rest     rest    ?       ?       ` + `
`,
		},
		{
			name: "as JSON", args: []string{"--json"},
			status: &manyvoxv1.GetStatusResponse{Version: "1.2.3", Started: at, Journal: &manyvoxv1.JournalStatus{Writable: true}},
			want:   `{"version":"1.2.3","started":"2026-01-02T03:04:05Z","journal":{"writable":true}}` + "\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := (&statusService{status: c.status}).serve(t)
			got := runToEnd(t, "", append([]string{"status", "--server", url}, c.args...)...)
			if diff := cmp.Diff(outcome{out: c.want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	url := (&statusService{}).serve(t)
	for _, c := range []struct {
		channel string
		want    outcome
	}{
		{"sales", outcome{out: "channel sales: resumed\n"}},
		{"sales", outcome{out: "channel sales: nothing was held back\n"}},
		{"sale", outcome{code: 1, err: "manyvox: not_found: no channel \"sale\" in credentials.yml; did you mean sales?\n"}},
	} {
		got := runToEnd(t, "", "resume", c.channel, "--server", url)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.channel, diff)
		}
	}
}

// The commands reach a program that runs, and find the token of its data directory.
func TestStatusOfAProgram(t *testing.T) {
	t.Parallel()
	r := start(t, localFlags(t, "rest:\n", echoes)...)
	flags := []string{"--server", "http://" + r.addr, "--data-dir", r.dataDir}
	if got := runToEnd(t, "", append([]string{"status"}, flags...)...); got.code != 0 || len(got.out) == 0 {
		t.Errorf("status: %+v", got)
	}
	want := outcome{out: "channel rest: nothing was held back\n"}
	if got := runToEnd(t, "", append([]string{"resume", "rest"}, flags...)...); got != want {
		t.Errorf("resume: %+v", got)
	}
}

// A conversation is paused, shown and resumed by the commands.
func TestEdge08_15_PauseCommands(t *testing.T) {
	t.Parallel()
	r := start(t, localFlags(t, "rest:\n", echoes)...)
	flags := []string{"--server", "http://" + r.addr, "--data-dir", r.dataDir}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"pause", "rest", "--sender", "kim", "--reason", "Ann answers"}, "conversation of kim on rest: paused\n"},
		{[]string{"pause", "rest", "--sender", "kim", "--reason", "Bob answers"}, "conversation of kim on rest: was paused already\n"},
		{[]string{"status"}, "Bob answers"},
		{[]string{"resume", "rest", "--sender", "kim"}, "conversation of kim on rest: resumed\n"},
		{[]string{"resume", "rest", "--sender", "kim"}, "conversation of kim on rest: was not paused\n"},
	} {
		got := runToEnd(t, "", append(c.args, flags...)...)
		if got.code != 0 || got.err != "" || !strings.Contains(got.out, c.want) {
			t.Errorf("%v: %+v, want %q", c.args, got, c.want)
		}
	}
	if got := runToEnd(t, "", append([]string{"status"}, flags...)...); strings.Contains(got.out, "kim") {
		t.Errorf("status: %s", got.out)
	}
	if got := runToEnd(t, "", append([]string{"pause", "rest"}, flags...)...); got.code != 2 {
		t.Errorf("without a sender: %+v", got)
	}
}
