package cmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/service/journal"
)

// checkReport is what check has found. Its JSON is that of check --json.
type checkReport struct {
	Channels []checkedChannel `json:"channels"`
	// Agent is the one that answers what no route matches. Agents and Routes are there where
	// endpoints.yml has several agents.
	Agent  checkedAgent   `json:"agent"`
	Agents []checkedAgent `json:"agents,omitempty"`
	Routes []checkedRoute `json:"routes,omitempty"`
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
	Name     string `json:"name,omitempty"`
	Type     string `json:"type"`
	Timeout  string `json:"timeout"`
	Fallback string `json:"fallback,omitempty"`
}

// checkedRoute matches what it names; one that names nothing matches the rest.
type checkedRoute struct {
	Channel      string         `json:"channel,omitempty"`
	InputChannel string         `json:"input_channel,omitempty"`
	Metadata     map[string]any `json:"metadata,omitempty"`
	Agent        string         `json:"agent"`
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
		Channels: []checkedChannel{}, Agent: checkedAgent{Type: l.Default().Type, Timeout: l.Default().Timeout.String()},
		Notes: append(l.notes(), c.rasaNotes()...), Warnings: slices.Clone(l.Warnings),
	}
	r.addAgents(l)
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

// addAgents adds the agents and the routes, in the order in which these are looked at, where
// there are several agents.
func (r *checkReport) addAgents(l *loaded) {
	if len(l.Agents) < 2 {
		return
	}
	for _, a := range l.Agents {
		r.Agents = append(r.Agents, checkedAgent{Name: a.Name, Type: a.Type, Timeout: a.Timeout.String(), Fallback: a.Fallback})
	}
	for _, route := range l.Router.Routes {
		r.Routes = append(r.Routes, checkedRoute(route))
	}
	for _, in := range l.Channels {
		if in.Agent != "" {
			r.Routes = append(r.Routes, checkedRoute{Channel: in.Name, Agent: in.Agent})
		}
	}
	r.Routes = append(r.Routes, checkedRoute{Agent: l.Router.Default})
}

// matches says in words what a route matches.
func (r *checkedRoute) matches() string {
	var list []string
	if r.Channel != "" {
		list = append(list, "channel "+r.Channel)
	}
	if r.InputChannel != "" {
		list = append(list, "input_channel "+r.InputChannel)
	}
	for _, key := range slices.Sorted(maps.Keys(r.Metadata)) {
		value, _ := json.Marshal(r.Metadata[key]) // it was decoded from JSON
		list = append(list, fmt.Sprintf("metadata %s=%s", key, value))
	}
	return cmp.Or(strings.Join(list, ", "), "the rest")
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
