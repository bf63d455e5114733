package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/config"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/journal/sqlite"
	"github.com/manyvox/manyvox/service/setup"
)

// serverEnv makes the test binary a server instead; its value is what it serves.
const serverEnv = "MANYVOX_BENCH_SERVER"

func TestMain(m *testing.M) {
	if kind := os.Getenv(serverEnv); kind != "" {
		if err := serve(kind); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serve runs until standard input is closed, so that it ends with its parent and
// removes its files also after an interrupt. It prints the port it listens on.
func serve(kind string) error {
	signal.Ignore(os.Interrupt)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	switch kind {
	case "program", "memory-program", "model-program":
		return serveProgram(ctx, kind)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	switch kind {
	case "manyvox":
		return newService(memory.Open()).Serve(ctx, l, time.Second)
	case "journal":
		return serveJournal(ctx, l)
	case "bare":
		return serveBare(ctx, l)
	}
	return fmt.Errorf("no server %q", kind)
}

// serveJournal keeps the events of its turns in SQLite.
func serveJournal(ctx context.Context, l net.Listener) error {
	dir, err := os.MkdirTemp("", "manyvox-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	store, err := sqlite.Open(ctx, dir, sqlite.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	return newService(store).Serve(ctx, l, time.Second)
}

func newService(j journal.Journal) *service.Service {
	block, err := config.Parse("credentials.yml", []byte("rest:"), nil)
	if err != nil {
		panic(err)
	}
	log := slog.New(slog.DiscardHandler)
	c, err := setup.LoadCredentials(block, builtin.Types(), "", log)
	if err != nil {
		panic(err)
	}
	return service.New(service.Config{Channels: c.Channels, Journal: j, Agent: agents.Func(answer), Log: log})
}

// answer echoes. To "cpu" it replies with the processor time used so far, to a number it
// gives that many replies, 2 ms apart, each with the time it was given at.
func answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if t.Message.Text == "cpu" {
		return r.Reply(ctx, channels.Reply{Text: strconv.FormatInt(cpuTime(), 10)})
	}
	n, err := strconv.Atoi(t.Message.Text)
	if err != nil {
		return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
	}
	for range n {
		time.Sleep(2 * time.Millisecond)
		if err := r.Reply(ctx, channels.Reply{Text: strconv.FormatInt(time.Now().UnixNano(), 10)}); err != nil {
			return err
		}
	}
	return nil
}

// cpuTime returns the processor time of this process in nanoseconds.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// serveBare is the baseline: the same messages over net/http and connect, and
// nothing between them and a handler that echoes.
func serveBare(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks/rest/webhook", bareWebhook)
	mux.Handle(manyvoxv1connect.NewChannelServiceHandler(bareRPC{}, connect.WithCompressMinBytes(1024)))
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	s := &http.Server{Handler: mux, Protocols: p, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	_ = s.Serve(l)
	return nil
}

type bareMessage struct {
	Sender   string          `json:"sender"`
	Message  string          `json:"message"`
	Metadata json.RawMessage `json:"metadata"`
}

type bareReply struct {
	RecipientID string `json:"recipient_id"`
	Text        string `json:"text"`
}

func bareWebhook(w http.ResponseWriter, r *http.Request) {
	var m bareMessage
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode([]bareReply{{m.Sender, bareText(m.Message)}})
}

func bareText(message string) string {
	if message == "cpu" {
		return strconv.FormatInt(cpuTime(), 10)
	}
	return message
}

type bareRPC struct {
	manyvoxv1connect.UnimplementedChannelServiceHandler
}

func (bareRPC) Receive(_ context.Context, req *manyvoxv1.ReceiveRequest) (*manyvoxv1.ReceiveResponse, error) {
	text := bareText(req.GetMessage())
	return &manyvoxv1.ReceiveResponse{
		MessageId: "0123456789abcdef0123456789abcdef",
		Replies:   []*manyvoxv1.Reply{{RecipientId: req.GetSender(), Text: &text}},
	}, nil
}
