//go:build unix

package service_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/postgres/pgtest"
	"github.com/manyvox/manyvox/service/servicetest"
)

// mediaReplica is one of the programs that share a PostgreSQL.
type mediaReplica struct {
	*servicetest.Running
	store *postgres.Store
}

// startMediaReplica starts one, whose links are signed by the key that all share.
func startMediaReplica(t *testing.T, url string, a agents.Agent, p *servicetest.FakePlatform) mediaReplica {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	links := instance.NewLinks("https://bot.example")
	links.UseKey("key")
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const grace = time.Millisecond // a replica without its journal has nothing to wait for
	return mediaReplica{store: store, Running: servicetest.Start(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\nchat: {type: platform}\n", p.Type()), Agent: a, Journal: store, Links: links,
	}, l, new(net.Dialer).DialContext, grace)}
}

func (r mediaReplica) call(t *testing.T, method, path, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return servicetest.Do(t, r.HTTP1, req)
}

// What is uploaded to one replica is used at another and read by the agent of any. The claim
// of a replica that ends in the middle of the turn is lost, and its media are not: the other
// reads them, and the links of both open at both.
func TestMediaOnReplicas(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	url := server.URL(server.Database(t))
	begun, read := make(chan agents.Turn, 9), make(chan string, 9)
	agent := func(hangs bool) agents.Agent {
		return agents.Func(func(ctx context.Context, turn agents.Turn, _ channels.Replier) error {
			begun <- turn
			if hangs {
				<-ctx.Done()
				return ctx.Err()
			}
			m, err := turn.Open(ctx, turn.Message.Attachments[0])
			if err != nil {
				return err
			}
			content, err := io.ReadAll(m)
			read <- string(content)
			return err
		})
	}
	first := startMediaReplica(t, url, agent(true), &servicetest.FakePlatform{})
	_, answer := first.call(t, http.MethodPost, "/webhooks/chat/media", "bytes")
	ref := strings.TrimSuffix(strings.TrimPrefix(answer, `{"ref":"`), `"}`)
	if status, body := first.call(t, http.MethodPost, "/webhooks/chat/webhook", fmt.Sprintf(`{"attachments":[{"ref":%q}]}`, ref)); status != http.StatusOK {
		t.Fatalf("status %d, %s", status, body)
	}
	link := servicetest.Await(t, "the turn at the first replica", begun).Message.Attachments[0].URL

	second := startMediaReplica(t, url, agent(false), &servicetest.FakePlatform{})
	path := strings.TrimPrefix(link, "https://bot.example")
	if status, body := second.call(t, http.MethodGet, path, ""); status != http.StatusOK || body != "bytes" {
		t.Errorf("the link at the other replica: status %d, %s", status, body)
	}
	if err := first.store.Close(); err != nil { // its journal: the replica is fenced
		t.Fatal(err)
	}
	if again := servicetest.Await(t, "the turn at the second replica", begun); again.Attempt != 2 || again.Message.Attachments[0].Ref != ref {
		t.Errorf("attempt %d of %+v", again.Attempt, again.Message)
	}
	if content := servicetest.Await(t, "the content", read); content != "bytes" {
		t.Errorf("the other replica reads %q", content)
	}
}
