package bench_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"connectrpc.com/connect"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

const (
	// modelEnv names the address of the model's server.
	modelEnv = "MANYVOX_BENCH_MODEL"

	firstDeltas = 2000 // turns
)

// BenchmarkFirstDelta measures the time from the first piece of a model's answer, when its server
// writes it to the agent openai, to the delta at a client that calls ReceiveStream as a web page
// does: Connect with JSON over HTTP/1.1. One turn follows the other, each in a conversation of its
// own, through the whole program with its journal on disk.
func BenchmarkFirstDelta(b *testing.B) {
	model := httptest.NewServer(http.HandlerFunc(writeClock))
	b.Cleanup(model.Close)
	s := startProcess(b, exec.Command(os.Args[0], "-test.run=^$"), serverEnv+"=model-program", modelEnv+"="+model.URL)
	h := &http.Client{Transport: &http.Transport{}}
	b.Cleanup(h.CloseIdleConnections)
	client := manyvoxv1connect.NewChannelServiceClient(h, s.url, connect.WithProtoJSON())
	for b.Loop() {
		took := make([]time.Duration, firstDeltas)
		for i := range took {
			var err error
			if took[i], err = firstDelta(b.Context(), client, strconv.Itoa(i)); err != nil {
				b.Fatal(err)
			}
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[firstDeltas/2].Microseconds()), "p50-µs")
		b.ReportMetric(float64(took[firstDeltas*99/100].Microseconds()), "p99-µs")
	}
	b.ReportMetric(0, "ns/op")
}

// writeClock answers as a model that thinks for 2 ms. The first piece of its answer is the time at
// which it is written.
func writeClock(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w).Flush
	const role = `{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`
	fmt.Fprintf(w, "data: %s\n\n", role)
	_ = flush()
	time.Sleep(2 * time.Millisecond)
	fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%d\"}}]}\n\n", time.Now().UnixNano())
	_ = flush()
	time.Sleep(2 * time.Millisecond)
	const end = `{"choices":[{"index":0,"delta":{"content":" ns"},"finish_reason":"stop"}]}`
	fmt.Fprintf(w, "data: %s\n\ndata: [DONE]\n\n", end)
}

// firstDelta makes a turn and returns how long its first delta was on its way.
func firstDelta(ctx context.Context, client manyvoxv1connect.ChannelServiceClient, sender string) (took time.Duration, err error) {
	stream, err := client.ReceiveStream(ctx, &manyvoxv1.ReceiveStreamRequest{Sender: sender, Message: said})
	if err != nil {
		return 0, err
	}
	defer stream.Close()
	deltas, reply := 0, ""
	for stream.Receive() {
		arrived := time.Now()
		if d := stream.Msg().GetDelta(); d != nil {
			if deltas++; deltas > 1 {
				continue
			}
			written, err := strconv.ParseInt(d.GetText(), 10, 64)
			if err != nil {
				return 0, err
			}
			took = time.Duration(arrived.UnixNano() - written)
		}
		reply += stream.Msg().GetReply().GetReply().GetText()
	}
	if err := stream.Err(); err != nil {
		return 0, err
	}
	if deltas == 0 || took <= 0 || len(reply) <= len(" ns") {
		return 0, fmt.Errorf("%d deltas, the first after %v, and the reply %q", deltas, took, reply)
	}
	return took, nil
}
