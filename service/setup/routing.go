package setup

import (
	"cmp"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/config"
)

// loadSeveral opens the agents of "agents:" and reads who answers what.
func (e *Endpoints) loadSeveral(file *config.Block, types []agents.Type, log *slog.Logger, inUse *Endpoints) error {
	several, err := file.Sub("agents")
	if err != nil {
		return err
	}
	names := several.Keys()
	if len(names) == 0 {
		return file.Errorf("agents", `agents: expected at least one, such as "agents: {main: {type: ...}}"`)
	}
	var errs []error
	for _, name := range names {
		errs = append(errs, e.loadNamed(several, name, types, log, inUse))
	}
	errs = append(errs, e.checkFallbacks(names), e.loadDefault(file, names), e.loadRoutes(file, names))
	return errors.Join(errs...)
}

// loadNamed opens one of several agents.
func (e *Endpoints) loadNamed(several *config.Block, name string, types []agents.Type, log *slog.Logger, inUse *Endpoints) error {
	if name == "" {
		return several.Errorf(name, "agents: a name is empty")
	}
	block, err := several.Sub(name)
	if err != nil {
		return err
	}
	block, t, err := pickOf(block, "agent "+name, "", types, agentName)
	if err != nil {
		return err
	}
	return e.openAgent(block.Named("agent "+name), name, t, log, inUse)
}

// checkFallbacks reports a fallback that there is not, and those that lead back to their agent.
func (e *Endpoints) checkFallbacks(names []string) error {
	var errs []error
	told := map[string]bool{}
	for _, a := range e.Agents {
		if a.Fallback == "" {
			continue
		}
		if !slices.Contains(names, a.Fallback) {
			errs = append(errs, a.block.Errorf("fallback", "fallback: %s", noAgent(a.Fallback, names)))
			continue
		}
		var way []string
		for at := a; at != nil && !slices.Contains(way, at.Name); at = e.agent(at.Fallback) {
			way = append(way, at.Name)
		}
		if e.agent(way[len(way)-1]).Fallback != a.Name || told[a.Name] {
			continue
		}
		for _, name := range way {
			told[name] = true
		}
		errs = append(errs, a.block.Errorf("fallback", "fallback: goes round in a circle (%s): leave one of them out",
			strings.Join(append(way, a.Name), " -> ")))
	}
	return errors.Join(errs...)
}

// loadDefault reads who answers what no route matches. Where there is one agent, that does.
func (e *Endpoints) loadDefault(file *config.Block, names []string) (err error) {
	if e.Router.Default, err = file.Text("default"); err != nil {
		return err
	}
	switch name := e.Router.Default; {
	case name == "" && len(names) == 1:
		e.Router.Default = names[0]
	case name == "":
		return file.Errorf("agents", `no "default:": add "default: %s", or another of the agents: it answers what no route matches`, names[0])
	case !slices.Contains(names, name):
		return file.Errorf("default", "default: %s", noAgent(name, names))
	}
	return nil
}

// loadRoutes reads the routes. One that could never match is a mistake.
func (e *Endpoints) loadRoutes(file *config.Block, names []string) error {
	blocks, err := file.List("routes")
	if err != nil {
		return err
	}
	var errs []error
	for _, block := range blocks {
		block = block.Named("route")
		route, err := loadRoute(block, names)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if i := slices.IndexFunc(e.Router.Routes, func(r agents.Route) bool { return r.Covers(route) }); i >= 0 {
			errs = append(errs, block.Errorf("", "it is never used: the one at %s matches all that it matches: put it above that one, or leave it out",
				e.routes[i].At("")))
			continue
		}
		e.Router.Routes, e.routes = append(e.Router.Routes, *route), append(e.routes, block)
	}
	return errors.Join(errs...)
}

// loadRoute reads one route.
func loadRoute(block *config.Block, names []string) (*agents.Route, error) {
	var keys struct {
		Channel      string                     `yaml:"channel"`
		InputChannel string                     `yaml:"input_channel"`
		Metadata     map[string]json.RawMessage `yaml:"metadata"`
		Agent        string                     `yaml:"agent"`
	}
	if err := block.Decode(&keys); err != nil {
		return nil, err
	}
	r := &agents.Route{Channel: keys.Channel, InputChannel: keys.InputChannel, Agent: keys.Agent}
	switch {
	case r.Agent == "":
		return nil, block.Errorf("", "agent: is missing: there are: %s", strings.Join(names, ", "))
	case !slices.Contains(names, r.Agent):
		return nil, block.Errorf("agent", "agent: %s", noAgent(r.Agent, names))
	}
	for key, raw := range keys.Metadata {
		value, ok := agents.MetadataValue(json.RawMessage(cmp.Or(string(raw), "null")))
		if !ok {
			return nil, block.Errorf("metadata", "metadata: %s: expected a text, a number, true, false or null", key)
		}
		if r.Metadata == nil {
			r.Metadata = map[string]any{}
		}
		r.Metadata[key] = value
	}
	return r, nil
}

// noAgent says that there is no agent of a name, and which was meant.
func noAgent(name string, names []string) string {
	if near := config.Nearest(name, names); near != "" {
		return `no agent "` + name + `": did you mean "` + near + `"?`
	}
	return `no agent "` + name + `": there are: ` + strings.Join(names, ", ")
}

// Default returns the agent that answers what no route matches.
func (e *Endpoints) Default() *Agent {
	if a := e.agent(e.Router.Default); a != nil {
		return a
	}
	return e.Agents[0]
}

// RouteChannels takes over which agent the block of each channel names, and reports what the
// two files together show to be wrong. Partial says that not all channels were loaded.
func (e *Endpoints) RouteChannels(c *Credentials, partial bool) error {
	var errs []error
	names := namesOf(e.Agents, func(a *Agent) string { return a.Name })
	for _, in := range c.Channels {
		switch {
		case in.Agent == "":
		case !slices.Contains(names, in.Agent):
			errs = append(errs, in.Block.Errorf("agent", `agent: endpoints.yml has %s`, noAgent(in.Agent, names)))
		default:
			if e.Router.OfChannel == nil {
				e.Router.OfChannel = map[string]string{}
			}
			e.Router.OfChannel[in.Name] = in.Agent
		}
	}
	channels := c.ChannelNames()
	for i, r := range e.Router.Routes {
		if r.Channel != "" && !partial && !slices.Contains(channels, r.Channel) {
			errs = append(errs, e.routes[i].Errorf("channel", "channel: credentials.yml has no %q: there are: %s", r.Channel, strings.Join(channels, ", ")))
		}
	}
	e.warnOfUnused()
	return errors.Join(errs...)
}

// warnOfUnused warns of each agent that answers nothing.
func (e *Endpoints) warnOfUnused() {
	for _, a := range e.Agents {
		used := a == e.Default() ||
			slices.ContainsFunc(e.Router.Routes, func(r agents.Route) bool { return r.Agent == a.Name }) ||
			slices.ContainsFunc(e.Agents, func(other *Agent) bool { return other.Fallback == a.Name })
		for _, name := range e.Router.OfChannel {
			used = used || name == a.Name
		}
		if !used {
			e.Warnings = append(e.Warnings, a.block.At("")+": agent "+a.Name+`: answers nothing: no route, "default:", "fallback:" or channel names it`)
		}
	}
}
