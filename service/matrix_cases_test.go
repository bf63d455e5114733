package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/intake"
	"github.com/manyvox/manyvox/service/turn"
)

// matrixCase is a call, how the agent takes it, and what the caller gets, whatever
// the protocol and whether collected or as a stream.
type matrixCase struct {
	name        string
	call        call
	timeout     time.Duration // the client's deadline
	needs       ability       // without it the protocol has no such case
	streamNeeds ability       // the same for the stream alone
	credentials string
	config      service.Config

	replies    []string // all that are shown, before the failure if there is one
	fails      *channels.Code
	retryAfter string
	mostIn     int64 // most bytes of the request on the wire
	mostOut    int64 // most bytes of the answer
}

// Tokens that no log line may contain.
const (
	channelToken = "open-sesame"
	programToken = "master-key"
	wrongToken   = "let-me-in"
)

// inside is the cause of a failure, which is for the log and for no caller.
const inside = "dial 10.0.0.7: refused"

// exact has values that a double does not hold, and an order of keys.
const exact = `{"z":9007199254740993,"a":[1.10,-0,"<&>","\u00e9\/"],"m":{"b":null,"a":true}}`

func matrixCases() []matrixCase {
	return append(append(answerCases(), failureCases()...), wireCases()...)
}

// answerCases are turns that go well.
func answerCases() []matrixCase {
	return []matrixCase{
		{
			name: "ok", call: from("ann", "hi"),
			config:  answering(answerAgent(nil, channels.Reply{Text: "Grüße & <b>\"hallo\"</b>"}, channels.Reply{Text: "two"})),
			replies: []string{`{"recipient_id":"ann","text":"Grüße & <b>\"hallo\"</b>"}`, `{"recipient_id":"ann","text":"two"}`},
		},
		{
			name: "every field", config: answering(repeatMessage),
			call: call{Message: channels.Message{
				Channel: "rest", Sender: "ann", Text: "  hi <there>\n", InputChannel: "kiosk", ID: "m-1",
				Metadata:    json.RawMessage(exact),
				Attachments: []channels.Attachment{{Type: "image", URL: "https://example.com/a.png", MIME: "image/png", Name: "a.png", Size: 1 << 40}},
			}},
			replies: []string{`{"recipient_id":"ann","custom":{"sender":"ann","message":"hi <there>","input_channel":"kiosk",` +
				`"metadata":` + exact + `,"message_id":"m-1",` +
				`"attachments":[{"type":"image","url":"https://example.com/a.png","mime":"image/png","name":"a.png","size":1099511627776}]}}`},
		},
		{
			name: "metadata value for value", config: answering(repeatMetadata),
			call:    call{Message: channels.Message{Sender: "ann", Metadata: json.RawMessage(`{"id":9007199254740993,"b":1,"a":2.50}`)}},
			replies: []string{`{"recipient_id":"ann","custom":{"id":9007199254740993,"b":1,"a":2.50}}`},
		},
		{
			name: "metadata as a Struct", config: answering(repeatMetadata), needs: sendsStruct,
			call: call{asStruct: true, Message: channels.Message{
				Sender: "ann", Metadata: json.RawMessage(`{"n":9007199254740991,"l":[1.5,true,null,"<é>"],"o":{"k":-2}}`),
			}},
			replies: []string{`{"recipient_id":"ann","custom":{"l":[1.5,true,null,"<é>"],"n":9007199254740991,"o":{"k":-2}}}`},
		},
		{name: "every kind of reply", call: from("ann", "hi"), config: answering(answerAgent(nil, everyKind())), replies: everyKindShown()},
		{
			name: "custom that protojson refuses", call: from("ann", "hi"),
			config:  answering(answerAgent(nil, channels.Reply{Custom: json.RawMessage(`{"half":"\ud83d","twice":1,"twice":2}`)})),
			replies: []string{`{"recipient_id":"ann","custom":{"half":"\ud83d","twice":1,"twice":2}}`},
		},
		{name: "no reply", call: from("ann", "hi"), config: answering(answerAgent(nil))},
		{name: "no sender", call: from("", "hi"), config: answering(repeatSender), replies: []string{`{"recipient_id":"default","text":"default"}`}},
	}
}

// failureCases are calls that fail.
func failureCases() []matrixCase {
	guarded := "rest: {token: " + channelToken + "}"
	welcome := service.Config{AuthToken: programToken, Agent: answerAgent(nil, channels.Reply{Text: "welcome"})}
	welcomed := []string{`{"recipient_id":"ann","text":"welcome"}`}
	return []matrixCase{
		{
			name: "the agent fails before a reply", call: from("ann", "hi"),
			config: answering(answerAgent(errors.New(inside))), fails: new(channels.CodeAgentFailed),
		},
		{
			name: "the agent fails after replies", call: from("ann", "hi"),
			config:  answering(answerAgent(errors.New(inside), channels.Reply{Text: "one"}, channels.Reply{Text: "two"})),
			replies: []string{`{"recipient_id":"ann","text":"one"}`, `{"recipient_id":"ann","text":"two"}`},
			fails:   new(channels.CodeAgentFailed),
		},
		{
			name: "the agent takes too long", call: from("ann", "hi"),
			config: service.Config{Agent: agents.Func(wait), AgentOptions: turn.AgentOptions{AgentTimeout: 50 * time.Millisecond}},
			fails:  new(channels.CodeDeadlineExceeded),
		},
		{
			name: "the client's deadline passes", call: from("ann", "hi"), timeout: 100 * time.Millisecond,
			needs: sendsDeadline, config: answering(wait), fails: new(channels.CodeDeadlineExceeded),
		},
		{
			name: "the client's deadline is the agent's", call: from("ann", "hi"), timeout: time.Minute,
			needs: sendsDeadline, config: answering(hurry), replies: []string{`{"recipient_id":"ann","text":"in time"}`},
		},
		{
			name: "an unknown channel", config: answering(answerAgent(nil)), fails: new(channels.CodeNotFound),
			call: call{Message: channels.Message{Channel: "nope", Text: "hi"}},
		},
		{name: "the channel's token", call: with(channelToken), credentials: guarded, config: welcome, replies: welcomed},
		{name: "the program's token", call: with(programToken), credentials: guarded, config: welcome, replies: welcomed},
		{name: "no token", call: with(""), credentials: guarded, config: welcome, fails: new(channels.CodeUnauthenticated)},
		{name: "a wrong token", call: with(wrongToken), credentials: guarded, config: welcome, fails: new(channels.CodeUnauthenticated)},
		{
			name: "refused at the door", call: from("ann", "hi"), config: turningAway(),
			fails: new(channels.CodeOverloaded), retryAfter: "3",
		},
	}
}

// wireCases are about the bytes on the wire. The long text compresses to less than
// 4 KB; the huge one is refused while the client is still sending it.
func wireCases() []matrixCase {
	long := strings.TrimSpace(strings.Repeat("all work and no play ", 3000))
	huge := strings.Repeat(long, 64)
	repeated := []string{`{"recipient_id":"ann","text":"` + long + `"}`}
	zipped := call{gzip: true, Message: channels.Message{Sender: "ann", Text: long}}
	limited := service.Config{Agent: answerAgent(nil), HTTPOptions: service.HTTPOptions{MaxBody: 10_000}}
	return []matrixCase{
		{name: "a compressed request", call: zipped, needs: sendsGzip, config: answering(repeatText), replies: repeated, mostIn: 4000},
		{
			name: "a compressed answer", call: from("ann", long), needs: takesGzip, streamNeeds: takesGzipStream,
			config: answering(repeatText), replies: repeated, mostOut: 4000,
		},
		{name: "a body over the limit", call: from("ann", huge), config: limited, fails: new(channels.CodeTooLarge)},
		{name: "a body over the limit once decompressed", call: zipped, needs: sendsGzip, config: limited, fails: new(channels.CodeTooLarge)},
	}
}

func from(sender, text string) call {
	return call{Message: channels.Message{Sender: sender, Text: text}}
}

func with(token string) call {
	return call{token: token, Message: channels.Message{Sender: "ann", Text: "hi"}}
}

func answering(agent agents.Func) service.Config { return service.Config{Agent: agent} }

func turningAway() service.Config {
	return service.Config{Agent: answerAgent(nil), Policies: []intake.Policy{func(context.Context, *channels.Message) error {
		return &channels.Error{Code: channels.CodeOverloaded, Message: "come back later", RetryAfter: 3 * time.Second}
	}}}
}

// gives makes an agent that gives the replies and then err.
func answerAgent(err error, replies ...channels.Reply) agents.Func {
	return func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		for _, reply := range replies {
			if err := r.Reply(ctx, reply); err != nil {
				return err
			}
		}
		return err
	}
}

func repeatText(ctx context.Context, t agents.Turn, r channels.Replier) error {
	return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
}

func repeatSender(ctx context.Context, t agents.Turn, r channels.Replier) error {
	return r.Reply(ctx, channels.Reply{Text: t.Message.Sender})
}

func repeatMetadata(ctx context.Context, t agents.Turn, r channels.Replier) error {
	return r.Reply(ctx, channels.Reply{Custom: t.Message.Metadata})
}

func repeatMessage(ctx context.Context, t agents.Turn, r channels.Replier) error {
	b, err := channels.Marshal(t.Message)
	if err != nil {
		return err
	}
	return r.Reply(ctx, channels.Reply{Custom: b})
}

func wait(ctx context.Context, _ agents.Turn, _ channels.Replier) error {
	<-ctx.Done()
	return ctx.Err()
}

// hurry answers if its deadline is within a minute.
func hurry(ctx context.Context, _ agents.Turn, r channels.Replier) error {
	deadline, ok := ctx.Deadline()
	if !ok || time.Until(deadline) > time.Minute {
		return errors.New("there is no hurry")
	}
	return r.Reply(ctx, channels.Reply{Text: "in time"})
}

// everyKind is a reply that sets all there is.
func everyKind() channels.Reply {
	yes := []channels.Button{{Title: "Yes", Payload: "/yes", Extra: map[string]json.RawMessage{"type": json.RawMessage(`"postback"`)}}}
	return channels.Reply{
		Text: "Well?", Buttons: yes,
		Custom:     json.RawMessage(exact),
		Image:      "https://example.com/a.png",
		Attachment: json.RawMessage(`{"payload":{"size":5,"src":"https://example.com/a.pdf"},"type":"file"}`),
		Elements:   []channels.Element{{Title: "Card", Subtitle: "one", Buttons: yes}},
	}
}

// everyKindShown is what callers get of it, in Rasa's order. Attachments are
// Values in the API, so their keys come sorted.
func everyKindShown() []string {
	return []string{
		`{"recipient_id":"ann","text":"Well?","buttons":[{"title":"Yes","payload":"/yes","type":"postback"}]}`,
		`{"recipient_id":"ann","custom":` + exact + `}`,
		`{"recipient_id":"ann","image":"https://example.com/a.png"}`,
		`{"recipient_id":"ann","attachment":{"payload":{"size":5,"src":"https://example.com/a.pdf"},"type":"file"}}`,
		`{"recipient_id":"ann","text":"Card : one","buttons":[{"title":"Yes","payload":"/yes","type":"postback"}]}`,
	}
}
