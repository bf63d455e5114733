package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/cmd"
)

// lineWriter hands on the first line that is written to it.
type lineWriter struct {
	once sync.Once
	line chan string
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.once.Do(func() { w.line <- string(p) })
	return len(p), nil
}

// TestFake serves the fake of a channel until the program is stopped.
func TestFake(t *testing.T) {
	t.Parallel()
	fake := channels.Type{Name: "fakeable"}.WithFake(func(channels.FakeEnv) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "fake at ", r.URL.Path) })
	})
	out := &lineWriter{line: make(chan string, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan int, 1)
	p := cmd.Program{Channels: []channels.Type{{Name: "plain"}, fake}, Stdout: out, Stderr: io.Discard}
	go func() { ended <- p.Run(ctx, []string{"fake", "fakeable", "--address", "127.0.0.1:0"}) }()
	_, url, _ := strings.Cut(strings.TrimSpace(<-out.line), " is at ")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(url + "x")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != "fake at /x" {
		t.Errorf("%q, %v", body, err)
	}
	cancel()
	if code := <-ended; code != cmd.ExitOK {
		t.Errorf("exit code %d", code)
	}
	var stderr bytes.Buffer
	p.Stderr = &stderr
	if code := p.Run(t.Context(), []string{"fake", "plain"}); code != cmd.ExitUsage || !strings.Contains(stderr.String(), "plain has no fake: expected one of fakeable") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}
