package builtin_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/builtin"
)

// profile is what a type can do, as the code says it: of a channel that is opened by the
// block of its Example.
type profile struct {
	typ   channels.Type
	roles []string
	// in and out are the kinds of messages and of replies.
	in, out []string
	// rates is how often it is written to, live how a reply grows.
	rates, live string
	replicas    string
}

func profileOf(t *testing.T, typ channels.Type) profile {
	t.Helper()
	c := open(t, typ)
	limits := channels.Limits{}
	if l, ok := c.Channel.(channels.Limited); ok {
		limits = l.Limits()
	}
	return profile{
		typ: typ, roles: c.Capabilities(), in: kindNames(typ.Takes), out: shown(c.Channel),
		rates: ratesOf(c.Channel, limits), live: liveOf(c.Channel, limits), replicas: replicasOf(c.Channel, typ),
	}
}

// replies are one of each kind.
func replies() []channels.Reply {
	buttons := []channels.Button{{Title: "Yes", Payload: "/yes"}}
	return []channels.Reply{
		{Text: "hi"},
		{Text: "*hi*", Format: channels.FormatMarkdown},
		{Text: "Sure?", Buttons: buttons},
		{Text: "Sure?", QuickReplies: buttons},
		{Image: "https://x.example/i.png"},
		{Attachment: json.RawMessage(`{"type":"file","payload":{"src":"https://x.example/f.pdf"}}`)},
		{Elements: []channels.Element{{Title: "A", Buttons: buttons}}},
		{Custom: json.RawMessage(`{"text":"hi"}`)},
	}
}

// shown returns which kinds of replies the channel shows, by what its Fit makes of one of
// each. A channel without the role shows them all as they are.
func shown(c channels.Channel) (list []string) {
	fitter, fits := c.(channels.Fitter)
	for _, r := range replies() {
		name := string(r.Kind())
		if r.Format == channels.FormatMarkdown {
			name = "markdown"
		}
		if !fits {
			list = append(list, name)
			continue
		}
		var kinds []string
		for _, p := range fitter.Fit(channels.Part{Sender: "1", Reply: r}) {
			kinds = append(kinds, string(p.Kind()))
		}
		kinds = slices.Compact(kinds)
		switch as := strings.Join(kinds, ", "); {
		case as == "":
		case as == string(r.Kind()):
			list = append(list, name)
		default:
			list = append(list, name+" (as "+as+")")
		}
	}
	return list
}

func kindNames(kinds []channels.Kind) (names []string) {
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return names
}

// ratesOf says how often the channel is written to: one that is no Sender answers its callers.
func ratesOf(c channels.Channel, l channels.Limits) string {
	if _, sends := c.(channels.Sender); !sends {
		return "none"
	}
	var list []string
	for _, r := range []struct {
		of   string
		rate channels.Rate
	}{{"in all", l.Channel}, {"to one address", l.Key}, {"edits of one address", l.Edit}} {
		if !r.rate.IsZero() {
			list = append(list, fmt.Sprintf("%s %d/%s", r.of, r.rate.Count, strings.TrimPrefix(r.rate.Per.String(), "1")))
		}
	}
	list = append(list, fmt.Sprintf("%d calls at once", cmp.Or(l.Concurrent, channels.DefaultConcurrent)))
	return strings.Join(list, ", ")
}

func liveOf(c channels.Channel, l channels.Limits) string {
	if _, grows := c.(channels.Streamer); !grows {
		return "no"
	}
	if l.Live.Max == 0 {
		return "yes"
	}
	unit := map[channels.Unit]string{channels.UnitRunes: "characters", channels.UnitUTF16: "UTF-16 units", channels.UnitBytes: "bytes"}[l.Live.Unit]
	return fmt.Sprintf("up to %d %s a message", l.Live.Max, unit)
}

// replicasOf says how many of several programs that share a journal do the channel's work.
func replicasOf(c channels.Channel, typ channels.Type) string {
	if _, runs := c.(channels.Runner); runs && !typ.Replicas {
		return "one runs it, all take webhooks"
	}
	return "all"
}

// table is the table of the type's page.
func (p profile) table() string {
	var b strings.Builder
	b.WriteString("| | |\n|---|---|\n")
	rpc := "no"
	if p.typ.RPC {
		rpc = "yes"
	}
	for _, row := range [][2]string{
		{"takes", strings.Join(p.in, ", ")},
		{"shows", strings.Join(p.out, ", ")},
		{"[roles](../channels.md)", strings.Join(p.withoutRPC(), ", ")},
		{"limits", p.rates},
		{"a reply grows", p.live},
		{"of several replicas", p.replicas},
		{"open to the typed API", rpc},
	} {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], row[1])
	}
	return b.String()
}

func (p profile) withoutRPC() []string {
	return slices.DeleteFunc(slices.Clone(p.roles), func(name string) bool { return name == "rpc" })
}

// overview is the table of all types.
func overview(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| channel | | takes | shows | roles | limits | grows | replicas |\n|---|---|---|---|---|---|---|---|\n")
	for _, typ := range builtin.Types() {
		p := profileOf(t, typ)
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s | %s | %s | %s | %s |\n", typ.Name, typ.Name, summary(t, typ.Name),
			strings.Join(p.in, ", "), strings.Join(p.out, ", "), strings.Join(p.withoutRPC(), ", "), p.rates, p.live, p.replicas)
	}
	return b.String()
}

// summary returns the first sentence of a type's page.
func summary(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(pages, name+".md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "\n\n")
	paragraph, _, _ := strings.Cut(text, "\n\n")
	sentence, _, found := strings.Cut(strings.Join(strings.Fields(paragraph), " "), ". ")
	if !found || sentence == "" {
		t.Errorf("docs/channels/%s.md: the paragraph below the title should begin with a sentence that says what it is for", name)
	}
	return sentence
}
