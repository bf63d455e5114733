package service_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// overConn sends one request over an open connection.
func overConn(t *testing.T, conn net.Conn, method, path, body string) (status int, header http.Header, answer string) {
	t.Helper()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", method, path, len(body), body)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, res.Header, string(b)
}

func TestShutdownRefusesNewMessages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		retryAfter, want         string
	}{
		{"readiness", "GET", "/readyz", "", 503, "", "shutting down\n"},
		{"liveness", "GET", "/healthz", "", 200, "", "ok\n"},
		{"legacy", "POST", "/webhooks/rest/webhook", `{"message":"late"}`, 503, "1", `{"error":{"code":"unavailable","message":"the service is shutting down"}}`},
		{"legacy stream", "POST", "/webhooks/rest/webhook?stream=true", `{"message":"late"}`, 503, "1", `{"error":{"code":"unavailable","message":"the service is shutting down"}}`},
		{"Connect", "POST", manyvoxv1connect.ChannelServiceReceiveProcedure, `{"message":"late"}`, 503, "1", `{"code":"unavailable","message":"the service is shutting down","details":[{"type":"google.rpc.ErrorInfo"`},
		{"Health", "POST", manyvoxv1connect.ChannelServiceHealthProcedure, `{}`, 200, "", `"status":"STATUS_DRAINING"`},
		{"grpc.health.v1", "POST", "/grpc.health.v1.Health/Check", `{}`, 200, "", `NOT_SERVING`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				agent := servicetest.NewBlockingAgent()
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: agent}, servicetest.Timeout)
				conn, err := h.Dial(t.Context(), "tcp", h.Addr)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				open := servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], servicetest.Question{Text: "open"})
				h.Shutdown()
				synctest.Wait()
				status, header, body := overConn(t, conn, c.method, c.path, c.body)
				if status != c.status || !strings.Contains(strings.ReplaceAll(body, " ", ""), strings.ReplaceAll(c.want, " ", "")) {
					t.Errorf("%d %s, want %d %s", status, body, c.status, c.want)
				}
				if got := header.Get("Retry-After"); got != c.retryAfter {
					t.Errorf("Retry-After %q, want %q", got, c.retryAfter)
				}
				agent.Release <- struct{}{}
				<-open
			})
		})
	}
}

func TestShutdownLetsTurnsFinish(t *testing.T) {
	t.Parallel()
	for _, r := range servicetest.Routes() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				agent := servicetest.NewBlockingAgent()
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: agent}, time.Minute)
				open := servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "open"})
				waiting := servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "waiting"})
				h.Shutdown()
				synctest.Wait()
				if res := servicetest.Record(h.Handler(), httptest.NewRequest(http.MethodGet, "/readyz", nil)); res.Code != http.StatusServiceUnavailable {
					t.Errorf("/readyz: %d", res.Code)
				}
				for _, caller := range []<-chan servicetest.Outcome{open, waiting} {
					time.Sleep(20 * time.Second)
					select {
					case err := <-h.Served:
						t.Fatalf("Serve ended, %v, with a turn under way", err)
					default:
					}
					text := <-agent.Began
					agent.Release <- struct{}{}
					if got := <-caller; got.Err != nil || !slices.Equal(got.Texts, []string{text}) {
						t.Errorf("%q got %+v", text, got)
					}
				}
				if err := <-h.Served; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestShutdownCancelsWhatOutlastsTheGrace(t *testing.T) {
	t.Parallel()
	for _, r := range servicetest.Routes() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.NewBlockingAgent()}, time.Minute)
				open := servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "open"})
				waiting := servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "waiting"})
				began := time.Now()
				h.Shutdown()
				if err := <-h.Served; err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took < time.Minute || took > time.Minute+time.Second {
					t.Errorf("Serve took %v", took)
				}
				cut := servicetest.Answer{Code: "aborted", Message: "the program ended in the middle of the turn"}
				unseen := servicetest.Answer{Code: "unavailable", Message: "the service is shutting down", RetryAfter: "1"}
				if r.Name == "legacy stream" { // its headers left after ten seconds
					unseen.RetryAfter = ""
				}
				for caller, want := range map[<-chan servicetest.Outcome]servicetest.Answer{open: cut, waiting: unseen} {
					got := <-caller
					if diff := cmp.Diff(want, got.Answer); diff != "" || got.Err != nil {
						t.Errorf("%v (-want +got):\n%s", got.Err, diff)
					}
				}
			})
		})
	}
}

// An agent that ignores its ctx delays the end by a moment only.
func TestShutdownDoesNotWaitForAgentsThatIgnoreCtx(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wakeUp := make(chan struct{})
		h := servicetest.InBubble(t, service.Config{
			Channels: servicetest.Channels(t, "rest:\n"),
			Agent: agents.Func(func(context.Context, agents.Turn, channels.Replier) error {
				<-wakeUp
				return nil
			}),
		}, time.Minute)
		open := servicetest.AskAsync(t.Context(), h, servicetest.Routes()[0], servicetest.Question{Text: "open"})
		began := time.Now()
		h.Shutdown()
		if err := <-h.Served; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Minute+5*time.Second {
			t.Errorf("Serve took %v", took)
		}
		if got := <-open; got.Err == nil {
			t.Errorf("the caller got %+v", got)
		}
		close(wakeUp)
	})
}

// A listener that fails ends the service, with every connection. A request that comes even so
// finds no channel any more.
func TestServeEndsWithItsListener(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	j := memory.Open()
	t.Cleanup(func() { _ = j.Close() })
	s := service.New(service.Config{Channels: servicetest.Channels(t, "rest:\n"), Journal: j, Agent: servicetest.ReplyWith("hello")})
	served := make(chan error, 1)
	go func() { served <- s.Serve(t.Context(), l, time.Minute) }()
	conn, err := new(net.Dialer).DialContext(servicetest.Context(t), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	ask := func() (*http.Response, error) {
		fmt.Fprint(conn, "GET /webhooks/rest/ HTTP/1.1\r\nHost: x\r\n\r\n") // of a closed connection the answer tells
		res, err := http.ReadResponse(answers, nil)
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
		}
		return res, err
	}
	if res, err := ask(); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", res, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returns %v", err)
	}
	if res, err := ask(); err == nil {
		t.Errorf("the connection answers %d", res.StatusCode)
	}
	late := servicetest.Record(s.Handler(), httptest.NewRequest(http.MethodPost, "/webhooks/rest/webhook", strings.NewReader(`{"message":"hi"}`)))
	if late.Code != http.StatusNotFound {
		t.Errorf("a late request: %d %s", late.Code, late.Body)
	}
}
