package remote

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// defaultChannel is the channel that a Manyvox takes none as.
const defaultChannel = "rest"

// Probe asks the service how it is. One that has only ReceiveStream says by that that it is there.
func (a *Agent) Probe(ctx context.Context) (string, error) {
	x := &exchange{ctx: ctx}
	defer x.release()
	health, err := a.service.Health(withExchange(ctx, x), &manyvoxv1.HealthRequest{})
	switch {
	case connect.CodeOf(err) == connect.CodeUnimplemented && connect.IsWireError(err):
		return "it answers, and has no Health", nil
	case err != nil:
		return "", x.failure(err, false)
	}
	var names []string
	for _, c := range health.GetChannels() {
		names = append(names, strings.ToValidUTF8(c.GetName(), "?"))
	}
	if want := cmp.Or(a.channel, defaultChannel); len(names) > 0 && !slices.Contains(names, want) {
		return "", fmt.Errorf("agent remote: the service has no channel %q, but %.200s: write channel", want, strings.Join(names, ", "))
	}
	status := strings.ToLower(strings.TrimPrefix(health.GetStatus().String(), "STATUS_"))
	return fmt.Sprintf("%s, with the channels %.200s", status, strings.Join(names, ", ")), nil
}

var _ channels.Prober = (*Agent)(nil)
