package metrics_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/turn"
)

var update = flag.Bool("update", false, "rewrite the table in docs/metrics.md")

const (
	metricsPage  = "../../docs/metrics.md"
	metricsBegin = "<!-- The table is written by \"make generate\". -->\n"
	metricsEnd   = "<!-- end of the table -->\n"
)

// TestMetricsTable compares the table in docs/metrics.md with the metrics of a service in
// which everything has happened once.
func TestMetricsTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(metricsPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), metricsBegin)
	_, after, foundEnd := strings.Cut(rest, metricsEnd)
	if !found || !foundEnd {
		t.Fatalf("%s: the markers of the table are missing", metricsPage)
	}
	got := before + metricsBegin + metricsTable(metricsOfAll(t)) + metricsEnd + after
	if *update {
		if err := os.WriteFile(metricsPage, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, m := range metrics.New(metrics.Sources{}).Describe() {
		if name := fqName.FindStringSubmatch(m)[1]; !strings.Contains(got, "| `"+name+"` |") {
			t.Errorf("%s: lacks %s", metricsPage, name)
		}
	}
	if diff := cmp.Diff(string(page), got); diff != "" {
		t.Errorf("%s: run \"make generate\" (-want +got):\n%s", metricsPage, diff)
	}
}

// metricsOfAll returns the metrics of a service that has stored, refused and answered a
// message, has let a reply grow and has given up a part.
func metricsOfAll(t *testing.T) (body string) {
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		p.OnSend = servicetest.FailSends(servicetest.Always, servicetest.SendFailure(channels.SendRejected))
		a := &servicetest.ScriptedAgent{Script: func(ctx context.Context, t agents.Turn, r channels.Replier, _ int) error {
			t.Spend(agents.Tokens{Prompt: 7, Completion: 3})
			if err := r.Delta(ctx, "a"); err != nil {
				return err
			}
			time.Sleep(time.Second)
			return errors.Join(r.Reply(ctx, channels.Reply{Text: "a"}), r.Reply(ctx, channels.Reply{Text: servicetest.Private + "one"}))
		}}
		s := servicetest.NewStreamHarness(t, p, service.Config{Agent: a, AgentOptions: turn.AgentOptions{AgentName: "rasa"}, Channels: servicetest.Channels(t, "chat: {type: platform, allow: [ann]}\n", p.Type())})
		s.Post(t, "chat", "ann", "one", "two")
		servicetest.Advance(time.Minute)
		if err := s.Inbox(t, "chat").Post(t.Context(), servicetest.NewMessage("bob", "three")); err == nil {
			t.Error("bob is let in")
		}
		_, body = s.Get(t, "/metrics?token=operator")
	})
	return body
}

var (
	helpLine  = regexp.MustCompile(`(?m)^# HELP (\w+) (.*)\n# TYPE \w+ (\w+)$`)
	labelName = regexp.MustCompile(`[{,](\w+)="`)
	fqName    = regexp.MustCompile(`fqName: "(\w+)"`)
)

// metricsTable makes a table of the text format:
// https://prometheus.io/docs/instrumenting/exposition_formats/
func metricsTable(body string) string {
	var b strings.Builder
	b.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, m := range helpLine.FindAllStringSubmatch(body, -1) {
		name, help, typ := m[1], m[2], m[3]
		labels := map[string]bool{}
		for line := range strings.Lines(body) {
			if sample, _, _ := strings.Cut(line, "{"); sample == name || sample == name+"_bucket" {
				for _, label := range labelName.FindAllStringSubmatch(line, -1) {
					labels["`"+label[1]+"`"] = true
				}
			}
		}
		delete(labels, "`le`")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, typ, strings.Join(slices.Sorted(maps.Keys(labels)), ", "), help)
	}
	return b.String()
}
