package service_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/intake"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// A policy is asked about every message at the one door, whatever protocol it came by.
// Here the text of a message may not be a shout. Policies may change the message, too.
func ExampleConfig_policies() {
	quiet := func(_ context.Context, m *channels.Message) error {
		if m.Text != "" && m.Text == strings.ToUpper(m.Text) {
			return channels.Errorf(channels.CodePermissionDenied, "please do not shout")
		}
		return nil
	}
	echo := agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
	})
	j := memory.Open()
	defer j.Close()
	s := service.New(service.Config{
		Channels: []*instance.Config{{Name: "rest", Channel: channels.Webhook{}}},
		Journal:  j, Agent: echo, Policies: []intake.Policy{quiet}, Log: slog.New(slog.DiscardHandler),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l, time.Second) }()

	for _, text := range []string{"hello", "HELLO"} {
		body := strings.NewReader(`{"sender": "ann", "message": "` + text + `"}`)
		res, err := http.Post("http://"+l.Addr().String()+"/webhooks/rest/webhook", "application/json", body)
		if err != nil {
			fmt.Println(err)
			return
		}
		answer, _ := io.ReadAll(res.Body)
		res.Body.Close()
		fmt.Printf("%d %s\n", res.StatusCode, answer)
	}
	stop()
	if err := <-served; err != nil {
		fmt.Println(err)
	}
	// Output:
	// 200 [{"recipient_id":"ann","text":"hello"}]
	// 403 {"error":{"code":"permission_denied","message":"please do not shout"}}
}
