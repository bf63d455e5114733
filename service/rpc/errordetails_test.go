package rpc_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// shownError is an error as a program sees it.
type shownError struct {
	Code   connect.Code
	Reason string
	Info   map[string]string
	Field  string
	Retry  time.Duration
}

func shown(t *testing.T, err error) (s shownError) {
	t.Helper()
	var e *connect.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no error of Connect", err)
	}
	s.Code = e.Code()
	for _, d := range e.Details() {
		v, err := d.Value()
		if err != nil {
			t.Fatal(err)
		}
		switch v := v.(type) {
		case *errdetails.ErrorInfo:
			s.Reason, s.Info = v.GetReason(), v.GetMetadata()
		case *errdetails.BadRequest:
			s.Field = v.GetFieldViolations()[0].GetField()
		case *errdetails.RetryInfo:
			s.Retry = v.GetRetryDelay().AsDuration()
		}
	}
	return s
}

// Every error says in its details what a program can act on, over every protocol.
func TestEdge08_15_ErrorDetails(t *testing.T) {
	t.Parallel()
	agent := agents.Func(func(_ context.Context, turn agents.Turn, _ channels.Replier) error {
		switch turn.Message.Text {
		case "overloaded":
			return &channels.Error{Code: channels.CodeOverloaded, RetryAfter: 3 * time.Second, Message: "busy"}
		case "unreachable":
			return agents.NotReached(&channels.Error{Code: channels.CodeUnavailable, RetryAfter: time.Second, Message: "no connection"})
		case "unavailable, and has seen it":
			return channels.Errorf(channels.CodeUnavailable, "gave up")
		}
		return errors.New("broken")
	})
	for _, c := range []struct {
		name string
		req  *manyvoxv1.ReceiveRequest
		want shownError
	}{
		{"no such channel", &manyvoxv1.ReceiveRequest{Channel: "rset"}, shownError{Code: connect.CodeNotFound, Reason: "CHANNEL_NOT_FOUND"}},
		{"not open", &manyvoxv1.ReceiveRequest{Channel: "chat"}, shownError{Code: connect.CodeFailedPrecondition, Reason: "CHANNEL_NOT_OPEN"}},
		{"a field", &manyvoxv1.ReceiveRequest{MetadataJson: "{"}, shownError{Code: connect.CodeInvalidArgument, Reason: "INVALID_ARGUMENT", Field: "metadata_json"}},
		{"a long sender", &manyvoxv1.ReceiveRequest{Sender: strings.Repeat("a", 300)}, shownError{Code: connect.CodeInvalidArgument, Reason: "INVALID_ARGUMENT", Field: "sender"}},
		{"an attachment", &manyvoxv1.ReceiveRequest{Attachments: []*manyvoxv1.Attachment{{}, {Size: -1}}}, shownError{Code: connect.CodeInvalidArgument, Reason: "INVALID_ARGUMENT", Field: "attachments[1].size"}},
		{"the agent's own overload", &manyvoxv1.ReceiveRequest{Message: "overloaded"}, shownError{Code: connect.CodeResourceExhausted, Reason: "AGENT_OVERLOADED", Retry: 3 * time.Second}},
		{"an agent that has not seen it", &manyvoxv1.ReceiveRequest{Message: "unreachable"}, shownError{Code: connect.CodeUnavailable, Reason: "AGENT_UNREACHABLE", Retry: time.Second}},
		{"an agent that has seen it", &manyvoxv1.ReceiveRequest{Message: "unavailable, and has seen it"}, shownError{Code: connect.CodeUnknown, Reason: "AGENT_FAILED"}},
		{"a broken agent", &manyvoxv1.ReceiveRequest{Message: "hi"}, shownError{Code: connect.CodeUnknown, Reason: "AGENT_FAILED"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.FakePlatform{}
				s := servicetest.NewHarness(t, p, service.Config{Agent: agent, Channels: servicetest.Channels(t, "rest:\n"+servicetest.ChatAndMail, p.Type())})
				for _, protocol := range rpcProtocols() {
					client := manyvoxv1connect.NewChannelServiceClient(protocol.over(s.Running), s.URL, protocol.options...)
					_, err := client.Receive(t.Context(), c.req)
					if diff := cmp.Diff(c.want, shown(t, err)); diff != "" {
						t.Errorf("%s (-want +got):\n%s", protocol.name, diff)
					}
				}
			})
		})
	}
}

// A cursor that is too old comes with the oldest that can be given.
func TestEdge08_15_CursorErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t), Journal: memory.Keep(time.Hour)})
		appendEvents(t, s.Journal, replyEvent("chat", "ann", "1"), replyEvent("chat", "ann", "2"))
		servicetest.Advance(50 * time.Minute)
		appendEvents(t, s.Journal, replyEvent("chat", "ann", "3"))
		servicetest.Advance(20 * time.Minute)
		client := rpcProtocols()[2].client(s.Running)
		_, err := client.ListEvents(operatorContext(t), &manyvoxv1.ListEventsRequest{After: cursor(1)})
		want := shownError{Code: connect.CodeOutOfRange, Reason: "CURSOR_EXPIRED", Info: map[string]string{"oldest": cursor(2)}}
		if diff := cmp.Diff(want, shown(t, err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		_, err = client.ListEvents(operatorContext(t), &manyvoxv1.ListEventsRequest{After: want.Info["oldest"]})
		if err != nil {
			t.Error(err)
		}
		_, err = client.ListEvents(operatorContext(t), &manyvoxv1.ListEventsRequest{After: "fedcba98-1"})
		if diff := cmp.Diff(shownError{Code: connect.CodeOutOfRange, Reason: "CURSOR_UNKNOWN"}, shown(t, err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// The proto file lists every reason that there is, and no other.
func TestEdge08_15_ReasonsAreListed(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../proto/manyvox/v1/channel.proto")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(file), "Every error has a detail google.rpc.ErrorInfo")
	list, _, _ = strings.Cut(list, "service ChannelService")
	listed := map[string]bool{}
	for _, word := range regexp.MustCompile(`\b[A-Z]+(_[A-Z]+)*\b`).FindAllString(list, -1) {
		if len(word) > 2 {
			listed[word] = true
		}
	}
	known := map[string]bool{}
	for code := channels.CodeInternal; code <= channels.CodeGone; code++ {
		known[string(code.Reason())] = true
	}
	source, err := os.ReadFile("../../channels/reason.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`Reason = "([A-Z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		known[m[1]] = true
	}
	if diff := cmp.Diff(known, listed); diff != "" {
		t.Errorf("reasons (-known +listed):\n%s", diff)
	}
}

// The requests of Receive and ReceiveStream agree: a client may fill either alike.
func TestEdge08_15_RequestsAgree(t *testing.T) {
	t.Parallel()
	fields := func(m protoreflect.MessageDescriptor) map[string][3]any {
		list := map[string][3]any{}
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			var message protoreflect.FullName
			if f.Message() != nil {
				message = f.Message().FullName()
			}
			list[string(f.Name())] = [3]any{f.Number(), f.Kind().String() + f.Cardinality().String(), message}
		}
		return list
	}
	unary := fields((&manyvoxv1.ReceiveRequest{}).ProtoReflect().Descriptor())
	stream := fields((&manyvoxv1.ReceiveStreamRequest{}).ProtoReflect().Descriptor())
	if len(unary) == 0 || !reflect.DeepEqual(unary, stream) {
		t.Errorf("Receive %v, ReceiveStream %v", unary, stream)
	}
}

// A stream says a second after the message was taken, at the latest, that it was; what is refused
// at once is refused without it.
func TestEdge08_15_Started(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		agent := servicetest.NewBlockingAgent()
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: agent, Channels: servicetest.Channels(t, "rest:\n")})
		client := manyvoxv1connect.NewChannelServiceClient(s.HTTP2, s.URL, connect.WithGRPC())
		stream, err := client.ReceiveStream(t.Context(), &manyvoxv1.ReceiveStreamRequest{Message: "hi", MessageId: "m1"})
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		began := time.Now()
		if !stream.Receive() || stream.Msg().GetStarted().GetMessageId() != "m1" || time.Since(began) > time.Second {
			t.Fatalf("after %v: %v, %v", time.Since(began), stream.Msg(), stream.Err())
		}
		<-agent.Began
		agent.Release <- struct{}{}
		if !stream.Receive() || stream.Msg().GetReply().GetReplyId() != "1" {
			t.Errorf("%v, %v", stream.Msg(), stream.Err())
		}
		if stream.Receive() {
			t.Errorf("one more: %v", stream.Msg())
		}
	})
}
