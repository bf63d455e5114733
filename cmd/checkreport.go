package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/manyvox/manyvox/service/journal"
)

// checkReport is what check has found. Its JSON is that of check --json.
type checkReport struct {
	Channels []checkedChannel `json:"channels"`
	Agent    checkedAgent     `json:"agent"`
	// Journal is nil where the store cannot be inspected without being opened.
	Journal *checkedJournal `json:"journal,omitempty"`
	// Guarded are the channels that --auth-token closes.
	Guarded  []string      `json:"guarded,omitempty"`
	Probes   []probeResult `json:"probes,omitempty"`
	Notes    []string      `json:"notes,omitempty"`
	Warnings []string      `json:"warnings,omitempty"`
}

type checkedChannel struct {
	Name         string   `json:"name"`
	Type         string   `json:"type"`
	Capabilities []string `json:"capabilities"`
	Missing      []string `json:"missing,omitempty"`
}

type checkedAgent struct {
	Type    string `json:"type"`
	Timeout string `json:"timeout"`
}

type checkedJournal struct {
	Type        string         `json:"type"`
	Place       string         `json:"place"`
	Bytes       int64          `json:"bytes"`
	DeadLetters int            `json:"dead_letters"`
	Waiting     []checkWaiting `json:"waiting,omitempty"`
}

type checkWaiting struct {
	Channel string `json:"channel"`
	Inbox   int    `json:"inbox"`
	Outbox  int    `json:"outbox"`
}

// report gathers what was loaded and found; found is nil when the journal was not inspected.
func (c *checkCommand) report(l *loaded, found *journal.Inspection) *checkReport {
	r := &checkReport{
		Channels: []checkedChannel{}, Agent: checkedAgent{l.AgentType, l.AgentTimeout.String()},
		Notes: append(l.notes(), c.rasaNotes()...), Warnings: slices.Clone(l.Warnings),
	}
	for _, in := range l.Channels {
		r.Channels = append(r.Channels, checkedChannel{in.Name, in.Type.Name, in.Capabilities(), in.Missing()})
	}
	if found != nil {
		r.Journal = &checkedJournal{Type: l.StoreType, Place: found.Place, Bytes: found.Bytes, DeadLetters: found.DeadLetters}
		for _, name := range slices.Sorted(maps.Keys(found.Waiting)) {
			w := found.Waiting[name]
			r.Journal.Waiting = append(r.Journal.Waiting, checkWaiting{name, w.Inbox, w.Outbox})
			if !slices.Contains(l.ChannelNames(), name) && c.Connector == "" {
				r.Warnings = append(r.Warnings, fmt.Sprintf("channel %s is not configured any more: what waits for it waits until it returns", name))
			}
		}
	}
	if c.AuthToken != "" {
		r.Guarded = l.Guarded()
	}
	for _, warning := range l.AccessWarnings(c.AuthToken != "") {
		r.Warnings = append(r.Warnings, fmt.Sprintf("channel %s: %s", warning.Channel, warning.Text))
	}
	return r
}

// print prints the report.
func (r *checkReport) print(out io.Writer, asJSON bool) error {
	if !asJSON {
		return r.printText(out)
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
