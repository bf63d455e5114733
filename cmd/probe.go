package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// probeTimeout bounds one probe.
const probeTimeout = 10 * time.Second

// probeResult is what one platform, or the agent, says of us.
type probeResult struct {
	// Of is "channel <name>" or "agent <name>".
	Of    string `json:"of"`
	Says  string `json:"says,omitempty"`
	Error string `json:"error,omitempty"`
}

func (p probeResult) says() string {
	if p.Error != "" {
		return "failed: " + p.Error
	}
	return p.Says
}

// probe asks all that can be asked.
func probe(ctx context.Context, l *loaded) (results []probeResult) {
	ask := func(of string, what any) {
		prober, ok := what.(channels.Prober)
		if !ok {
			return
		}
		bounded, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		r := probeResult{Of: of}
		says, err := prober.Probe(bounded)
		if r.Says = says; err != nil {
			r.Error = err.Error()
		}
		results = append(results, r)
	}
	for _, in := range l.Channels {
		ask("channel "+in.Name, in.Channel)
	}
	for _, a := range l.Agents {
		ask("agent "+a.Name, a.Agent)
	}
	return results
}

// failure is the error of the command when a probe has failed. The report has said which.
func (r *checkReport) failure() error {
	failed := 0
	for _, p := range r.Probes {
		if p.Error != "" {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%s failed", plural(failed, "probe"))
}
