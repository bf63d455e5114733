package bench_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/structpb"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

const (
	rounds   = 5     // interleaved runs, of which the cheapest counts
	requests = 20000 // in a run
	clients  = 4     // at once
)

// send makes one call and returns the text of the only reply.
type send func(text string) (string, error)

// server is a started server process.
type server struct{ url string }

func start(b *testing.B, kind string) server {
	b.Helper()
	return startProcess(b, exec.Command(os.Args[0], "-test.run=^$"), serverEnv+"="+kind)
}

// endTime is how long a server may take to end.
const endTime = 20 * time.Second

// startProcess starts a server that prints its port, and that ends when its standard
// input is closed: after the benchmark, or when this process ends, however it does.
func startProcess(b *testing.B, c *exec.Cmd, env ...string) server {
	b.Helper()
	c.Env = append(os.Environ(), env...)
	if c.Stderr == nil {
		c.Stderr = os.Stderr
	}
	stdin, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close()
		kill := time.AfterFunc(endTime, func() { _ = c.Process.Kill() })
		defer kill.Stop()
		_ = c.Wait()
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return server{"http://127.0.0.1:" + strings.TrimSpace(port)}
}

// cost runs the requests and returns the server's processor time for one, in
// nanoseconds.
func cost(b *testing.B, call send) float64 {
	b.Helper()
	before := cpu(b, call)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range requests / clients {
				if text, err := call("hello"); err != nil || text != "hello" {
					b.Errorf("got %q, %v", text, err)
					return
				}
			}
		})
	}
	wg.Wait()
	return (cpu(b, call) - before) / requests
}

func cpu(b *testing.B, call send) float64 {
	b.Helper()
	text, err := call("cpu")
	if err != nil {
		b.Fatal(err)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// compare reports the cheapest of the interleaved runs of each server and their ratio.
func compare(b *testing.B, client func(server) send) {
	b.Helper()
	ours, bare := client(start(b, "manyvox")), client(start(b, "bare"))
	for b.Loop() {
		cheapest, baseline := math.Inf(1), math.Inf(1)
		for range rounds {
			baseline = min(baseline, cost(b, bare))
			cheapest = min(cheapest, cost(b, ours))
		}
		b.ReportMetric(cheapest/1000, "cpu-µs/req")
		b.ReportMetric(baseline/1000, "bare-µs/req")
		b.ReportMetric(cheapest/baseline, "ratio")
	}
	b.ReportMetric(0, "ns/op") // the time of five runs says nothing
}

// BenchmarkLegacy sends 1 KB bodies with metadata to /webhooks/rest/webhook.
func BenchmarkLegacy(b *testing.B) {
	meta, err := json.Marshal(metadata(1024 - 60))
	if err != nil {
		b.Fatal(err)
	}
	compare(b, func(s server) send { return legacy(s, meta) })
}

func legacy(s server, meta []byte) send {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients + 1}}
	return func(text string) (string, error) {
		body := fmt.Sprintf(`{"sender":"user-1","message":%q,"metadata":%s}`, text, meta)
		res, err := client.Post(s.url+"/webhooks/rest/webhook", "application/json", strings.NewReader(body))
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		var replies []struct {
			Text string `json:"text"`
		}
		if err := json.NewDecoder(res.Body).Decode(&replies); err != nil || len(replies) != 1 {
			return "", fmt.Errorf("%d replies: %w", len(replies), err)
		}
		return replies[0].Text, nil
	}
}

// BenchmarkReceive calls Receive, small and with 1 KB of metadata.
func BenchmarkReceive(b *testing.B) {
	meta, err := structpb.NewStruct(metadata(1024))
	if err != nil {
		b.Fatal(err)
	}
	for name, options := range map[string][]connect.ClientOption{"connect": nil, "grpc": {connect.WithGRPC()}} {
		b.Run(name+"/small", func(b *testing.B) {
			compare(b, func(s server) send { return receive(s, nil, options) })
		})
		b.Run(name+"/metadata", func(b *testing.B) {
			compare(b, func(s server) send { return receive(s, meta, options) })
		})
	}
}

func receive(s server, meta *structpb.Struct, options []connect.ClientOption) send {
	client := manyvoxv1connect.NewChannelServiceClient(h2c(), s.url, options...)
	return func(text string) (string, error) {
		res, err := client.Receive(context.Background(), &manyvoxv1.ReceiveRequest{Sender: "user-1", Message: text, Metadata: meta})
		if err != nil {
			return "", err
		}
		return res.GetReplies()[0].GetText(), nil
	}
}

// receiveFrom calls Receive for a sender, with an id unless it is empty.
func receiveFrom(s server) func(sender, id, text string) (string, error) {
	client := manyvoxv1connect.NewChannelServiceClient(h2c(), s.url)
	return func(sender, id, text string) (string, error) {
		res, err := client.Receive(context.Background(), &manyvoxv1.ReceiveRequest{Sender: sender, MessageId: id, Message: text})
		if err != nil {
			return "", err
		}
		return res.GetReplies()[0].GetText(), nil
	}
}

func h2c() *http.Client {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: &http.Transport{Protocols: p}}
}

// metadata returns an object of about size bytes as JSON.
func metadata(size int) map[string]any {
	m := map[string]any{"locale": "en-GB", "vip": true, "score": 12.5, "tags": []any{"a", "b"}}
	for i := 0; i < (size-70)/32; i++ {
		m[fmt.Sprintf("key-%03d", i)] = "a value of 18 bytes"
	}
	return m
}

// BenchmarkStream measures the time from the agent's Reply to the bytes at the client.
func BenchmarkStream(b *testing.B) {
	b.Run("ndjson", func(b *testing.B) { latency(b, ndjson) })
	b.Run("receivestream", func(b *testing.B) { latency(b, receiveStream) })
}

const streamed = 2000

func latency(b *testing.B, stream func(server, func(text string)) error) {
	b.Helper()
	s := start(b, "manyvox")
	for b.Loop() {
		var took []time.Duration
		if err := stream(s, func(text string) {
			sent, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				b.Error(err)
			}
			took = append(took, time.Duration(time.Now().UnixNano()-sent))
		}); err != nil {
			b.Fatal(err)
		}
		if len(took) != streamed {
			b.Fatalf("got %d replies", len(took))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[streamed/2].Microseconds()), "p50-µs")
		b.ReportMetric(float64(took[streamed*99/100].Microseconds()), "p99-µs")
	}
	b.ReportMetric(0, "ns/op")
}

func ndjson(s server, got func(string)) error {
	body := fmt.Sprintf(`{"message":"%d"}`, streamed)
	res, err := http.Post(s.url+"/webhooks/rest/webhook?stream=true", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		_, text, _ := bytes.Cut(line, []byte(`"text":"`))
		text, _, _ = bytes.Cut(text, []byte(`"`))
		got(string(text))
	}
}

func receiveStream(s server, got func(string)) error {
	client := manyvoxv1connect.NewChannelServiceClient(h2c(), s.url, connect.WithGRPC())
	stream, err := client.ReceiveStream(context.Background(), &manyvoxv1.ReceiveStreamRequest{Message: strconv.Itoa(streamed)})
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() {
		if reply := stream.Msg().GetReply(); reply != nil { // else it has started
			got(reply.GetReply().GetText())
		}
	}
	return stream.Err()
}
