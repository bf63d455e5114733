package channels_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// TestStreamFlushes lets the assistant go on only when the caller has read the line
// before.
func TestStreamFlushes(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	in := &channeltest.Inbox{OnAsk: func(ctx context.Context, m channels.Message, r channels.Replier) error {
		for _, text := range []string{"one", "two", "three"} {
			if err := r.Reply(ctx, channels.Reply{RecipientID: m.Sender, Text: text}); err != nil {
				return err
			}
			select {
			case <-read:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}}
	server := httptest.NewServer(channels.Webhook{}.Inbound(in))
	t.Cleanup(server.Close)

	resp, err := http.Post(server.URL+"/webhook?stream=true", "", strings.NewReader(hi))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for _, text := range []string{"one", "two", "three"} {
		if want := `{"recipient_id":"ann","text":"` + text + `"}`; !lines.Scan() || lines.Text() != want {
			t.Fatalf("line %q (%v), want %q", lines.Text(), lines.Err(), want)
		}
		read <- struct{}{}
	}
	if lines.Scan() || lines.Err() != nil {
		t.Errorf("line %q (%v) after the last", lines.Text(), lines.Err())
	}
}

// gone is a caller that takes nothing.
type gone struct{ http.ResponseWriter }

var errGone = errors.New("gone")

func (gone) Write([]byte) (int, error) { return 0, errGone }

func TestStreamCallerGone(t *testing.T) {
	t.Parallel()
	w, r := gone{httptest.NewRecorder()}, httptest.NewRequest(http.MethodPost, "/webhook?stream=true", nil)
	s := channels.NewStream(w, r)
	if err := s.Reply(t.Context(), channels.Reply{Text: "hi"}); !errors.Is(err, errGone) {
		t.Errorf("error %v where the writer's is expected", err)
	}
	s.Finish(errGone)
}

func TestLive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		replier channels.Replier
		want    bool
	}{
		{"stream", &channels.Stream{}, true},
		{"collector", &channels.Collector{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			live, ok := c.replier.(channels.Live)
			if got := ok && live.Live(); got != c.want {
				t.Errorf("live is %v, want %v", got, c.want)
			}
		})
	}
}
