package remote_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/remote"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	serving := &manyvoxv1.HealthResponse{
		Status: manyvoxv1.HealthResponse_STATUS_SERVING, Channels: []*manyvoxv1.ChannelHealth{{Name: "rest"}, {Name: "desk"}},
	}
	for _, c := range []struct {
		name, channel string
		health        *manyvoxv1.HealthResponse
		err           error
		want, wantErr string
	}{
		{"a Manyvox", "", serving, nil, "serving, with the channels rest, desk", ""},
		{"its channel", "desk", serving, nil, "serving, with the channels rest, desk", ""},
		{"a channel that it lacks", "shop", serving, nil, "", `agent remote: the service has no channel "shop", but rest, desk: write channel`},
		{"a service without Health", "", nil, nil, "it answers, and has no Health", ""},
		{"one that fails", "", nil, connect.NewError(connect.CodeInternal, errors.New("why")), "", "agent remote: the service answered internal: why"},
	} {
		for _, p := range protocols() {
			t.Run(string(p)+" "+c.name, func(t *testing.T) {
				t.Parallel()
				s := &service{}
				if c.health != nil || c.err != nil {
					s.health = func(context.Context) (*manyvoxv1.HealthResponse, error) { return c.health, c.err }
				}
				a := open(t, listen(t, s), func(conf *remote.Config) { conf.Protocol, conf.Channel = p, c.channel })
				got, err := a.(channels.Prober).Probe(t.Context())
				if got != c.want || (err == nil) != (c.wantErr == "") || err != nil && err.Error() != c.wantErr {
					t.Errorf("%q, error %v", got, err)
				}
			})
		}
	}
}

// TestProbeAbsent has nobody listen, and somebody who does not have the service.
func TestProbeAbsent(t *testing.T) {
	t.Parallel()
	for _, p := range protocols() {
		for want, stage := range map[string]agenttest.Stage{
			"the service cannot be reached": {},
			"the server answered 404":       {Answer: func(x agenttest.Exchange) { x.Refuse(404, 0) }},
		} {
			url := agenttest.ListenHTTP(t, stage, func(x *agenttest.HTTPExchange) agenttest.Exchange { return &pageExchange{HTTPExchange: x} })
			a := open(t, url, func(conf *remote.Config) { conf.Protocol = p })
			if p == remote.ProtocolGRPC && stage.Answer != nil {
				continue // that server has no HTTP/2
			}
			if _, err := a.(channels.Prober).Probe(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %s", p, err, want)
			}
		}
	}
}

// pageExchange is that of a server of pages.
type pageExchange struct{ *agenttest.HTTPExchange }

func (pageExchange) Delta(string)  {}
func (pageExchange) Reply(string)  {}
func (pageExchange) Custom(string) {}
