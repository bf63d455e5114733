package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/manyvox/manyvox/config"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// statusTeller is the part of ConversationService that knows the channels' names.
type statusTeller interface {
	GetStatus(ctx context.Context, req *manyvoxv1.GetStatusRequest) (*manyvoxv1.GetStatusResponse, error)
}

// checkChannel refuses the name of a channel that is neither configured nor has anything
// waiting, and names the nearest one. It is called where nothing was found, so that a
// channel of which something is still kept may be named. An empty name means all channels.
// A service that knows no names, as that of a journal which no program has open, refuses none.
func checkChannel(ctx context.Context, service any, name string) error {
	teller, ok := service.(statusTeller)
	if name == "" || !ok {
		return nil
	}
	res, err := teller.GetStatus(ctx, &manyvoxv1.GetStatusRequest{})
	if err != nil {
		return err
	}
	var known []string
	for _, c := range res.GetChannels() {
		known = append(known, c.GetName())
	}
	for _, o := range res.GetOrphans() {
		known = append(known, o.GetName())
	}
	if slices.Contains(known, name) {
		return nil
	}
	hint := ""
	if near := config.Nearest(name, known); near != "" {
		hint = fmt.Sprintf(": did you mean %q?", near)
	}
	return fmt.Errorf("no channel %q, and nothing is kept of one%s", name, hint)
}
