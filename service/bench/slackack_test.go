package bench_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/sqlite"
	"github.com/manyvox/manyvox/service/setup"
)

const (
	ackEvents = 1000
	ackRate   = 50 // events a second
	ackSecret = "8f742231b10e8888abcd99yyyzzz85a5"
)

// BenchmarkSlackAck measures how long Slack waits for the answer to an event, which is given
// once the event is on disk: 50 events a second of as many people, while each turn takes 10 s,
// and beside it while none takes any time. Slack delivers anew what takes more than 3 s.
func BenchmarkSlackAck(b *testing.B) {
	for b.Loop() {
		quick, slow := ackTimes(b, 0), ackTimes(b, 10*time.Second)
		b.ReportMetric(float64(slow[ackEvents/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(slow[ackEvents*99/100].Microseconds())/1000, "p99-ms")
		b.ReportMetric(float64(quick[ackEvents*99/100].Microseconds())/1000, "quick-p99-ms")
		b.ReportMetric(float64(slow[ackEvents*99/100])/float64(quick[ackEvents*99/100]), "ratio")
	}
	b.ReportMetric(0, "ns/op")
}

// ackTimes posts the events, and returns how long each took, sorted. The agent takes so long.
func ackTimes(b *testing.B, turn time.Duration) (took []time.Duration) {
	b.Helper()
	url := serveSlack(b, agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		select {
		case <-time.After(turn):
			return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
		case <-ctx.Done():
			return ctx.Err()
		}
	}))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: ackRate}}
	defer client.CloseIdleConnections()
	took = make([]time.Duration, ackEvents)
	tick := time.NewTicker(time.Second / ackRate)
	defer tick.Stop()
	var wg sync.WaitGroup
	for n := range ackEvents {
		<-tick.C
		wg.Go(func() {
			began := time.Now()
			if err := postEvent(client, url, n); err != nil {
				b.Error(err)
			}
			took[n] = time.Since(began)
		})
	}
	wg.Wait()
	slices.Sort(took)
	return took
}

// postEvent delivers one person's message as Slack signs it.
func postEvent(client *http.Client, url string, n int) error {
	body := fmt.Sprintf(`{"type":"event_callback","team_id":"T0AAA1","event_id":"Ev%d","event":{"type":"message","channel_type":"im",`+
		`"channel":"D%d","user":"U%d","ts":"1790000000.%06d","text":"hello"}}`, n, n, n, n)
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(ackSecret))
	fmt.Fprintf(mac, "v0:%s:%s", at, body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Slack-Request-Timestamp", at)
	req.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if answer, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		return fmt.Errorf("event %d: %s: %s", n, res.Status, answer)
	}
	return nil
}

// serveSlack runs a service with the slack channel on SQLite, whose Web API takes everything,
// and returns the address of its webhook.
func serveSlack(b *testing.B, agent agents.Agent) string {
	b.Helper()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,"ts":"1790000000.000001","team_id":"T0AAA1","user_id":"U0BOT"}`)
	}))
	store, err := sqlite.Open(b.Context(), b.TempDir(), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	block, err := config.Parse("credentials.yml", fmt.Appendf(nil, "slack:\n  slack_token: xoxb-1\n  slack_signing_secret: %s\n  api_base_url: %s\n", ackSecret, api.URL), nil)
	if err != nil {
		b.Fatal(err)
	}
	c, err := setup.LoadCredentials(block, builtin.Types(), "", log)
	if err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	s := service.New(service.Config{Channels: c.Channels, Journal: store, Agent: agent, Log: log})
	go func() { ended <- s.Serve(ctx, l, time.Second) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		if err := store.Close(); err != nil {
			b.Error(err)
		}
		api.Close()
	})
	return "http://" + l.Addr().String() + "/webhooks/slack/webhook"
}
