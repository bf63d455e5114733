package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// send is a client that sends a body of a size. It returns the answer, 0 when there is
// none, and whether all of the body could be sent.
func send(t *testing.T, h *servicetest.Running, path, header string, size int) (status int, all bool) {
	t.Helper()
	conn, err := h.Dial(t.Context(), "tcp", h.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s\r\n", path, header)
	answers, in := make(chan int, 1), bufio.NewReader(conn) // a pipe holds nothing: somebody has to read
	go func() {
		defer close(answers)
		if res, err := http.ReadResponse(in, nil); err == nil {
			answers <- res.StatusCode
			_, _ = io.Copy(io.Discard, res.Body)
			_, _ = io.Copy(io.Discard, in)
		}
	}()
	_, err = io.CopyN(conn, strings.NewReader(strings.Repeat("a", size)), int64(size))
	status = <-answers
	for range answers { // until the connection is closed
	}
	return status, err == nil
}

// TestEdge08_16Drain: a client that is still sending what is refused can send all of it and
// gets the answer.
func TestEdge08_16Drain(t *testing.T) {
	t.Parallel()
	const large = 6 << 20
	length := fmt.Sprintf("Content-Length: %d\r\n", large)
	for name, c := range map[string]struct {
		path, header string
		status       int
	}{
		"a webhook, too large":         {"/webhooks/rest/webhook", length, http.StatusRequestEntityTooLarge},
		"a call, too large":            {manyvoxv1connect.ChannelServiceReceiveProcedure, length, http.StatusTooManyRequests},
		"a webhook, without the token": {"/webhooks/guarded/webhook", length, http.StatusUnauthorized},
		"no such route":                {"/nothing", length, http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := servicetest.InBubble(t, service.Config{
					Channels: servicetest.Channels(t, "rest:\nguarded: {type: rest, token: s3cret}\n"), Agent: servicetest.UncalledAgent(t),
				}, servicetest.Timeout)
				if status, all := send(t, h, c.path, c.header, large); status != c.status || !all {
					t.Errorf("status %d, want %d; all was sent: %v", status, c.status, all)
				}
			})
		})
	}
}

// TestEdge08_16DrainEnds: who sends without end, or stops, is left after a bound.
func TestEdge08_16DrainEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size int
		all  bool
		took time.Duration
	}{"sends too much": {20 << 20, false, 0}, "stops": {2 << 20, true, 5 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t)}, servicetest.Timeout)
				began := time.Now()
				status, all := send(t, h, "/webhooks/rest/webhook", "Content-Length: 100000000\r\n", c.size)
				if status != http.StatusRequestEntityTooLarge || all != c.all {
					t.Errorf("status %d; all was sent: %v", status, all)
				}
				if took := time.Since(began); took < c.took || took > c.took+time.Second {
					t.Errorf("it took %v, want %v", took, c.took)
				}
			})
		})
	}
}
