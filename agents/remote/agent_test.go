package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/remote"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// asked is what a service was sent.
type asked struct {
	req      *manyvoxv1.ReceiveStreamRequest
	header   http.Header
	deadline bool
}

func TestRequest(t *testing.T) {
	t.Parallel()
	for _, p := range protocols() {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			requests := make(chan asked, 1)
			url := listen(t, &service{answer: func(ctx context.Context, req *manyvoxv1.ReceiveStreamRequest, _ *serverStream) error {
				_, deadline := ctx.Deadline()
				requests <- asked{req, wireOf(ctx).r.Header, deadline}
				return nil
			}})
			a := open(t, url, func(c *remote.Config) {
				c.Protocol, c.Token, c.Channel, c.Sender = p, "s3cr3t", "desk", "{channel}:{sender}"
			})
			turn := agenttest.Turn("ann", "hi")
			turn.Message.Metadata = json.RawMessage(`{"z":9007199254740993,"a":{"b":[1.0,"\u00e9"]}}`)
			turn.Message.Attachments = []channels.Attachment{
				{Type: "image", URL: "https://x/y.png", Ref: "r0", MIME: "image/png", Name: "y.png", Size: 7},
				{Type: "file", Ref: "r1"}, {Type: "file", Ref: "large"}, {Type: "file", Ref: "gone"},
			}
			turn.Media = agenttest.Media{"r1": "the minutes", "large": strings.Repeat("x", 512<<10)}
			turn.Attempt, turn.Hops = 2, "a,b"
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if err := a.Answer(ctx, turn, &agenttest.Recorder{}); err != nil {
				t.Fatal(err)
			}
			got := <-requests
			want := &manyvoxv1.ReceiveStreamRequest{
				Channel: "desk", Sender: "rest:ann", Message: "hi", InputChannel: "rest", MessageId: "id-of-ann",
				MetadataJson: `{"z":9007199254740993,"a":{"b":[1.0,"\u00e9"]}}`,
				Attachments: []*manyvoxv1.Attachment{
					{Type: "image", Url: "https://x/y.png", Mime: "image/png", Name: "y.png", Size: 7},
					{Type: "file", Content: []byte("the minutes")}, {Type: "file"}, {Type: "file"},
				},
			}
			if diff := cmp.Diff(want, got.req, protocmp.Transform()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for name, value := range map[string]string{"Authorization": "Bearer s3cr3t", "Manyvox-Attempt": "2", "Manyvox-Hops": "a,b"} {
				if h := got.header.Get(name); h != value {
					t.Errorf("%s: %q, want %q", name, h, value)
				}
			}
			if !got.deadline {
				t.Error("the service does not know the deadline")
			}
		})
	}
}

// TestEvents gives what a service streams to the replier.
func TestEvents(t *testing.T) {
	t.Parallel()
	text := func(id, text string) *manyvoxv1.ReceiveStreamResponse {
		return replyOf(id, &manyvoxv1.Reply{Text: proto.String(text)})
	}
	number := structpb.NewNumberValue(1.5)
	object, err := structpb.NewStruct(map[string]any{"n": 1})
	if err != nil {
		t.Fatal(err)
	}
	buttons := &manyvoxv1.Reply{Text: proto.String("?"), Kind: manyvoxv1.Reply_KIND_BUTTONS, Buttons: []*manyvoxv1.Button{
		{Title: "A", Payload: "/a"}, {Title: "B", ExtraJson: `{"n":9007199254740993}`}, {Title: "C", Extra: object},
	}}
	for _, c := range []struct {
		name   string
		events []*manyvoxv1.ReceiveStreamResponse
		want   string
		deltas []string
		err    string
		code   channels.Code
	}{
		{name: "nothing", want: `[]`},
		{name: "texts", events: []*manyvoxv1.ReceiveStreamResponse{text("1", "a"), text("2", "")}, want: `[{"recipient_id":"ann","text":"a"},{"recipient_id":"ann","text":""}]`},
		{
			name: "a text in pieces", events: []*manyvoxv1.ReceiveStreamResponse{deltaOf("1", "a "), deltaOf("1", "b"), text("1", "a b")},
			want: `[{"recipient_id":"ann","text":"a b"}]`, deltas: []string{"a ", "b"},
		},
		{
			name: "paragraphs", events: []*manyvoxv1.ReceiveStreamResponse{deltaOf("1", "a"), deltaOf("2", "b"), deltaOf("2", "c"), text("1", "a"), text("2", "bc"), text("3", "d")},
			want: `[{"recipient_id":"ann","text":"a\n\nbc"},{"recipient_id":"ann","text":"d"}]`, deltas: []string{"a", "\n\nb", "c"},
		},
		{
			name: "pieces alone", events: []*manyvoxv1.ReceiveStreamResponse{deltaOf("1", "a"), deltaOf("2", "b")},
			want: `[{"recipient_id":"ann","text":"a\n\nb"}]`, deltas: []string{"a", "\n\nb"},
		},
		{
			name: "pieces, then an image", events: []*manyvoxv1.ReceiveStreamResponse{deltaOf("1", "a"), replyOf("2", &manyvoxv1.Reply{Image: "u"})},
			want: `[{"recipient_id":"ann","text":"a"},{"recipient_id":"ann","image":"u"}]`, deltas: []string{"a"},
		},
		{
			name: "pieces, then another text", events: []*manyvoxv1.ReceiveStreamResponse{deltaOf("1", "a"), text("2", "b")},
			want: `[{"recipient_id":"ann","text":"a"},{"recipient_id":"ann","text":"b"}]`, deltas: []string{"a"},
		},
		{
			name: "pieces above buttons", events: []*manyvoxv1.ReceiveStreamResponse{deltaOf("1", "?"), replyOf("1", buttons)},
			want:   `[{"recipient_id":"ann","text":"?","buttons":[{"title":"A","payload":"/a"},{"title":"B","n":9007199254740993},{"title":"C","n":1}]}]`,
			deltas: []string{"?"},
		},
		{
			name: "no buttons", events: []*manyvoxv1.ReceiveStreamResponse{replyOf("1", &manyvoxv1.Reply{Text: proto.String("?"), Kind: manyvoxv1.Reply_KIND_BUTTONS})},
			want: `[{"recipient_id":"ann","text":"?","buttons":[]}]`,
		},
		{
			name: "JSON", events: []*manyvoxv1.ReceiveStreamResponse{
				replyOf("1", &manyvoxv1.Reply{Custom: number, CustomJson: `{"z":9007199254740993}`}), replyOf("2", &manyvoxv1.Reply{Attachment: number}),
			},
			want: `[{"recipient_id":"ann","custom":{"z":9007199254740993}},{"recipient_id":"ann","attachment":1.5}]`,
		},
		{
			name: "JSON that is none", events: []*manyvoxv1.ReceiveStreamResponse{replyOf("1", &manyvoxv1.Reply{CustomJson: "{"})},
			want: `[]`, code: channels.CodeAgentFailed, err: "agent remote: the answer of the service cannot be read: custom: not JSON",
		},
		{
			name: "an unknown format", events: []*manyvoxv1.ReceiveStreamResponse{replyOf("1", &manyvoxv1.Reply{Text: proto.String("a"), Format: "html"})},
			want: `[]`, code: channels.CodeAgentFailed, err: "agent remote: the answer of the service cannot be read: ",
		},
		{
			name: "buttons with what is no object", events: []*manyvoxv1.ReceiveStreamResponse{replyOf("1", &manyvoxv1.Reply{Buttons: []*manyvoxv1.Button{{ExtraJson: "5"}}})},
			want: `[]`, code: channels.CodeAgentFailed, err: "agent remote: the answer of the service cannot be read: buttons[0]: ",
		},
		{
			name: "too large for the API", events: []*manyvoxv1.ReceiveStreamResponse{replyOf("1", &manyvoxv1.Reply{
				Kind: manyvoxv1.Reply_KIND_TOO_LARGE, TooLarge: &manyvoxv1.TooLarge{Size: 4_000_000},
			})},
			want: `[]`, code: channels.CodeTooLarge, err: "agent remote: a reply of the service is too large for its API: it has 4000000 bytes",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := listen(t, &service{answer: func(_ context.Context, _ *manyvoxv1.ReceiveStreamRequest, stream *serverStream) error {
				for _, e := range c.events {
					if err := stream.Send(e); err != nil {
						return err
					}
				}
				return nil
			}})
			rec := &agenttest.Recorder{}
			err := open(t, url, nil).Answer(t.Context(), agenttest.Turn("ann", "hi"), rec)
			got, _ := channels.Marshal(append([]channels.Reply{}, rec.Replies...))
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if !slices.Equal(rec.Deltas, c.deltas) || len(rec.Pending) > 0 && c.err == "" {
				t.Errorf("deltas %q, want %q; %q is left open", rec.Deltas, c.deltas, rec.Pending)
			}
			switch {
			case c.err == "" && err != nil:
				t.Error(err)
			case c.err != "" && (err == nil || !strings.HasPrefix(err.Error(), c.err) || channels.AsError(err).Code != c.code):
				t.Errorf("error %v, want %v %q", err, c.code, c.err)
			}
		})
	}
}

// TestStop tells the service that nobody waits any more, but not when the message will come
// again.
func TestStop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		cause error // of the turn's end
		want  bool
	}{
		{"the caller left", nil, true},
		{"the turn was stopped", channels.Errorf(channels.CodeCanceled, "the turn was stopped"), true},
		{"this program ends", channels.Errorf(channels.CodeUnavailable, "the service is shutting down"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stops := make(chan *manyvoxv1.StopRequest, 1)
			url := listen(t, &service{
				answer: func(ctx context.Context, _ *manyvoxv1.ReceiveStreamRequest, stream *serverStream) error {
					_ = stream.Send(deltaOf("1", "a"))
					<-ctx.Done()
					return ctx.Err()
				},
				stop: func(ctx context.Context, req *manyvoxv1.StopRequest) {
					if got := wireOf(ctx).r.Header.Get("Authorization"); got != "Bearer s3cr3t" {
						t.Errorf("Authorization %q", got)
					}
					stops <- req
				},
			})
			a := open(t, url, func(conf *remote.Config) { conf.Token, conf.Channel = "s3cr3t", "desk" })
			ctx, cancel := context.WithCancelCause(t.Context())
			rec := &agenttest.Recorder{OnDelta: func(string) error { cancel(c.cause); return nil }}
			if err := a.Answer(ctx, agenttest.Turn("ann", "hi"), rec); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			var got *manyvoxv1.StopRequest
			select {
			case got = <-stops: // Answer has waited for it
			default:
			}
			want := &manyvoxv1.StopRequest{Channel: "desk", Sender: "ann", MessageId: "id-of-ann"}
			if !c.want {
				want = nil
			}
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
