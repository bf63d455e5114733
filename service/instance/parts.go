package instance

import (
	"fmt"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/worker"
)

// PartsOf makes of replies of a single kind the parts that the channel can send in one
// call each, addressed as to is. Id gives the id of each in order. A panic of the
// channel becomes an error.
func (in *Instance) PartsOf(to channels.Part, rs []channels.Reply, id func() string) (parts []channels.Part, err error) {
	for _, r := range rs {
		to.Reply = r
		fitted, err := in.fit(to)
		if err != nil {
			return nil, fmt.Errorf("channel %s: %w", in.Name, err)
		}
		parts = append(parts, fitted...)
	}
	for i := range parts {
		if len(parts[i].Choices) > 0 && !in.Chooses() {
			return nil, fmt.Errorf("channel %s: Fit gives a part choices, but the channel is no Chooser", in.Name)
		}
		parts[i].ID, parts[i].Type, parts[i].MessageID, parts[i].Unfitted = id(), in.Type.Name, to.MessageID, 0
	}
	return parts, nil
}

// fit cuts a part by what the platform takes.
func (in *Instance) fit(p channels.Part) (parts []channels.Part, err error) {
	f, ok := in.Channel.(channels.Fitter)
	if !ok {
		return []channels.Part{p}, nil
	}
	defer worker.Recover(&err)
	return f.Fit(p), nil
}
