package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

const (
	isolationConversations = 1000 // over four channels
	isolationParts         = 12   // of each
	isolationRounds        = 5    // interleaved, of which the median counts
	isolationPace          = 5 * time.Millisecond
	isolationTime          = 4 * time.Second
)

// BenchmarkIsolation compares the replies of three channels beside a fourth whose
// platform hangs with those of the three alone.
func BenchmarkIsolation(b *testing.B) {
	// The parts of 1,000 conversations wait: how many a second the three channels get.
	b.Run("throughput", func(b *testing.B) {
		compareHung(b, "throughput-ratio/s", func(hung bool) float64 {
			j := openSQLite(b)
			defer j.Close()
			pushAll(b, j, hung)
			p := newMeasuredPlatform(isolationConversations / 4 * 3 * isolationParts)
			began := time.Now()
			stop := startService(b, j, p, service.Config{Agent: &echo.Agent{}})
			defer stop()
			<-p.done
			return float64(p.want) / time.Since(began).Seconds()
		})
	})
	// 200 messages a second are posted: how long the slowest of a hundred waits for its
	// reply.
	b.Run("p99", func(b *testing.B) {
		compareHung(b, "p99-ratio", func(hung bool) float64 { return p99(b, hung, service.Config{Agent: &echo.Agent{}}) })
	})
}

// p99 posts messages to a service and returns how long the slowest of a hundred waited for its
// reply, in seconds. Only with hung there are some for the channel whose replies are not awaited.
func p99(b *testing.B, hung bool, c service.Config) float64 {
	b.Helper()
	j := openSQLite(b)
	defer j.Close()
	messages := int(isolationTime / isolationPace)
	p := newMeasuredPlatform(messages / 4 * 3)
	stop := startService(b, j, p, c)
	defer stop()
	postAll(b, p, messages, hung)
	<-p.done
	return p.p99().Seconds()
}

// compareHung reports the median of the ratios of a figure with the hung platform to that
// without.
func compareHung(b *testing.B, unit string, measure func(hung bool) float64) {
	b.Helper()
	var ratios []float64
	for range isolationRounds {
		hung := measure(true)
		ratios = append(ratios, hung/measure(false))
	}
	slices.Sort(ratios)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ratios[len(ratios)/2], unit)
}

func openSQLite(b *testing.B) journal.Journal {
	b.Helper()
	j, err := sqlite.Type().New().Open(b.Context(), journal.Env{DataDir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	return j
}

// isolated are the channels; the last is the one whose platform hangs.
var isolated = []string{"one", "two", "three", "hung"}

// pushAll stores the parts of all conversations.
func pushAll(b *testing.B, j journal.Journal, hung bool) {
	b.Helper()
	var wg sync.WaitGroup
	for i := range isolationConversations {
		channel := isolated[i%len(isolated)]
		if channel == "hung" && !hung {
			continue
		}
		wg.Go(func() {
			sender := fmt.Sprint(i)
			push := journal.Push{Key: journal.Key{Channel: channel, Sender: sender, ID: "1"}, Window: time.Hour}
			for n := range isolationParts {
				push.Parts = append(push.Parts, channels.Part{
					ID: fmt.Sprint(i, "-", n), Channel: channel, Sender: sender, Reply: channels.Reply{Text: time.Now().Format(time.RFC3339Nano)},
				})
			}
			if _, err := j.Push(b.Context(), push); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
}

// startService runs a service until stop is called.
func startService(b *testing.B, j journal.Journal, p *measuredPlatform, config service.Config) (stop func()) {
	b.Helper()
	var list []*instance.Config
	for _, name := range isolated {
		c := &measuredChannel{platform: p, hung: name == "hung"}
		p.channels = append(p.channels, c)
		list = append(list, &instance.Config{Name: name, Type: channels.Type{Name: name}, Channel: c})
	}
	config.Channels, config.Journal, config.Log = list, j, slog.New(slog.DiscardHandler)
	s := service.New(config)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l, 0) }()
	return func() {
		cancel()
		if err := <-served; err != nil {
			b.Error(err)
		}
	}
}

// postAll posts messages at a pace, to the channels by turns.
func postAll(b *testing.B, p *measuredPlatform, messages int, hung bool) {
	b.Helper()
	tick := time.NewTicker(isolationPace)
	defer tick.Stop()
	var wg sync.WaitGroup
	for i := range messages {
		<-tick.C
		c := p.channels[i%len(p.channels)]
		if c.hung && !hung {
			continue
		}
		wg.Go(func() {
			m := channels.Message{Sender: fmt.Sprint(i % 100), ID: fmt.Sprint(i), Text: time.Now().Format(time.RFC3339Nano)}
			if err := c.inbox.Post(b.Context(), m); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
}

// measuredPlatform measures how long each part took from its message on.
type measuredPlatform struct {
	channels []*measuredChannel
	want     int
	done     chan struct{} // closed once so many parts were accepted

	mu    sync.Mutex
	waits []time.Duration
}

func newMeasuredPlatform(want int) *measuredPlatform {
	return &measuredPlatform{want: want, done: make(chan struct{})}
}

func (p *measuredPlatform) accept(text string) {
	began, _ := time.Parse(time.RFC3339Nano, text)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waits = append(p.waits, time.Since(began)); len(p.waits) == p.want {
		close(p.done)
	}
}

func (p *measuredPlatform) p99() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.Sort(p.waits)
	return p.waits[len(p.waits)*99/100]
}

// measuredChannel sends to the platform, or hangs.
type measuredChannel struct {
	channels.Webhook
	platform *measuredPlatform
	hung     bool
	inbox    channels.Inbox
}

// Inbound keeps the inbox.
func (c *measuredChannel) Inbound(in channels.Inbox) http.Handler {
	if in != nil {
		c.inbox = in
	}
	return c.Webhook.Inbound(in)
}

// Send takes a part after a millisecond, or never.
func (c *measuredChannel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	if c.hung {
		<-ctx.Done()
		return channels.Receipt{}, ctx.Err()
	}
	time.Sleep(time.Millisecond)
	c.platform.accept(p.Reply.Text)
	return channels.Receipt{}, nil
}

var _ channels.Sender = (*measuredChannel)(nil)
