package openai_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

func withTools(c *openai.Config) { c.Tools = true }

// called is a chunk with a piece of a call.
func called(index int, name, arguments string) string {
	return delta(fmt.Sprintf(`"tool_calls":[{"index":%d,"id":"call_1","type":"function","function":{"name":%q,"arguments":%s}}]`, index, name, quoted(arguments)))
}

// goesOn is a chunk with a further piece of a call.
func goesOn(index int, arguments string) string {
	return delta(fmt.Sprintf(`"tool_calls":[{"index":%d,"function":{"arguments":%s}}]`, index, quoted(arguments)))
}

// TestToolsDeclared declares the functions in the request, and nothing without tools.
func TestToolsDeclared(t *testing.T) {
	t.Parallel()
	f := &fake{answer: says("x")}
	if err := onLoopback(t, f, withTools).ask(t, &agenttest.Recorder{}); err != nil {
		t.Fatal(err)
	}
	var tools []struct {
		Type     string
		Function struct {
			Name, Description string
			Parameters        struct {
				Type       string
				Properties map[string]any
				Required   []string
			}
		}
	}
	if err := json.Unmarshal([]byte(f.seen()[0].key("tools")), &tools); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range tools {
		names = append(names, tool.Function.Name)
		p := tool.Function.Parameters
		if tool.Type != "function" || tool.Function.Description == "" || p.Type != "object" || len(p.Required) == 0 {
			t.Errorf("%+v", tool)
		}
		for _, name := range p.Required {
			if p.Properties[name] == nil {
				t.Errorf("%s requires %s, which is not declared", tool.Function.Name, name)
			}
		}
	}
	if diff := cmp.Diff([]string{"show_buttons", "show_image", "show_custom"}, names); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	plain := &fake{answer: says("x")}
	if err := onLoopback(t, plain).ask(t, &agenttest.Recorder{}); err != nil {
		t.Fatal(err)
	}
	if got := plain.seen()[0].key("tools"); got != "" {
		t.Errorf("without tools the request has %s", got)
	}
}

func TestTools(t *testing.T) {
	t.Parallel()
	const md = channels.FormatMarkdown
	yes := []channels.Button{{Title: "Yes", Payload: "Yes"}, {Title: "No", Payload: "/deny"}}
	const yesNo = `{"text":"Do you?","buttons":[{"title":"Yes"},{"title":"No","payload":"/deny"}]}`
	const bad = "its arguments are not those that were declared"
	end := finish("tool_calls")
	for _, c := range []struct {
		name   string
		events []string
		want   []channels.Reply
		cause  string // of the error, if any
		warned bool
	}{
		{"buttons", []string{called(0, "show_buttons", yesNo)}, []channels.Reply{{Text: "Do you?", Format: md, Buttons: yes}}, "", false},
		{
			"in pieces", []string{called(0, "show_buttons", ""), goesOn(0, yesNo[:9]), goesOn(0, yesNo[9:])},
			[]channels.Reply{{Text: "Do you?", Format: md, Buttons: yes}}, "", false,
		},
		{
			"below the text", []string{text("So: "), text("do you?"), called(0, "show_buttons", strings.Replace(yesNo, "Do you?", "", 1))},
			[]channels.Reply{{Text: "So: do you?", Format: md, Buttons: yes}}, "", false,
		},
		{
			"below the same text", []string{text("Do you?\n"), called(0, "show_buttons", yesNo)},
			[]channels.Reply{{Text: "Do you?\n", Format: md, Buttons: yes}}, "", false,
		},
		{
			"below another text", []string{text("Hello."), called(0, "show_buttons", yesNo)},
			[]channels.Reply{{Text: "Hello.", Format: md}, {Text: "Do you?", Format: md, Buttons: yes}}, "", false,
		},
		{
			"an image and custom JSON, mixed",
			[]string{
				called(0, "show_image", `{"url":"https://x.test/`), called(1, "show_custom", `{"data":{"z":1.0,`),
				goesOn(0, `a.png","caption":"A"}`), goesOn(1, `"a":"é"}}`),
			},
			[]channels.Reply{{Text: "A", Format: md, Image: "https://x.test/a.png"}, {Custom: json.RawMessage(`{"z":1.0,"a":"é"}`)}}, "", false,
		},
		{
			"a text and an image", []string{text("Look:"), called(0, "show_image", `{"url":"http://x.test/a.png"}`)},
			[]channels.Reply{{Text: "Look:", Format: md}, {Format: md, Image: "http://x.test/a.png"}}, "", false,
		},
		{
			"without an index",
			[]string{
				delta(`"tool_calls":[{"function":{"name":"show_image","arguments":"{\"url\":"}}]`), delta(`"tool_calls":[{"function":{"arguments":"\"https://a\"}"}}]`),
				delta(`"tool_calls":[{"function":{"name":"show_image","arguments":{"url":"https://b"}}}]`),
			},
			[]channels.Reply{{Format: md, Image: "https://a"}, {Format: md, Image: "https://b"}}, "", false,
		},
		{"arguments that are no JSON", []string{called(0, "show_buttons", `{"text":`)}, nil, "a call of a function: " + bad, false},
		{"no buttons", []string{called(0, "show_buttons", `{"text":"a","buttons":[]}`)}, nil, "a call of a function: " + bad, false},
		{"a button without a title", []string{called(0, "show_buttons", `{"text":"a","buttons":[{"title":""}]}`)}, nil, "a call of a function: " + bad, false},
		{"too many buttons", []string{called(0, "show_buttons", `{"text":"a","buttons":[`+strings.Repeat(`{"title":"x"},`, 50)+`{"title":"x"}]}`)}, nil, "a call of a function: " + bad, false},
		{"an image elsewhere", []string{called(0, "show_image", `{"url":"file:///etc/passwd"}`)}, nil, "a call of a function: " + bad, false},
		{"no custom JSON", []string{called(0, "show_custom", `{"data":null}`)}, nil, "a call of a function: " + bad, false},
		{"a function that there is not", []string{called(0, "rm", `{}`)}, nil, `a call of a function: there is no function "rm"`, false},
		{"a wrong call beside a text", []string{text("Hello."), called(0, "rm", `{}`)}, []channels.Reply{{Text: "Hello.", Format: md}}, "", true},
		{"too many calls", callsOf(21), nil, "it calls more than 20 functions", false},
		{"as many as may be", callsOf(20), imagesOf(20), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stream := "data: " + strings.Join(append(c.events[:len(c.events):len(c.events)], end...), "\n\ndata: ") + "\n\n"
			h, rec := onLoopback(t, &fake{answer: raw("text/event-stream", stream)}, withTools), &agenttest.Recorder{Shows: true}
			err := h.ask(t, rec)
			if diff := cmp.Diff(c.want, rec.Replies); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			switch {
			case c.cause == "" && err != nil:
				t.Error(err)
			case c.cause != "":
				expect(t, err, channels.CodeAgentFailed, unread)
				if got := channels.AsError(err).Err; got == nil || got.Error() != c.cause {
					t.Errorf("cause %v, want %s", got, c.cause)
				}
			}
			if warned := strings.Contains(h.log.String(), "a part of an answer is left out"); warned != c.warned {
				t.Errorf("log:\n%s", h.log.String())
			}
		})
	}
}

// callsOf returns chunks that call a function n times.
func callsOf(n int) (events []string) {
	for i := range n {
		events = append(events, called(i, "show_image", `{"url":"https://x"}`))
	}
	return events
}

func imagesOf(n int) (list []channels.Reply) {
	for range n {
		list = append(list, channels.Reply{Format: channels.FormatMarkdown, Image: "https://x"})
	}
	return list
}

// TestToolsWhole reads the calls of a server that does not stream.
func TestToolsWhole(t *testing.T) {
	t.Parallel()
	body := `{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","function":{"name":"show_image","arguments":"{\"url\":\"https://a\"}"}},` +
		`{"id":"b","function":{"name":"show_image","arguments":"{\"url\":\"https://b\"}"}}]}}]}`
	rec := &agenttest.Recorder{}
	if err := onLoopback(t, &fake{answer: raw("application/json", body)}, withTools).ask(t, rec); err != nil {
		t.Fatal(err)
	}
	want := []channels.Reply{{Format: channels.FormatMarkdown, Image: "https://a"}, {Format: channels.FormatMarkdown, Image: "https://b"}}
	if diff := cmp.Diff(want, rec.Replies); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestToolsUnasked does not listen to calls of functions that were not declared.
func TestToolsUnasked(t *testing.T) {
	t.Parallel()
	stream := "data: " + text("Hello.") + "\n\ndata: " + called(0, "show_image", `{"url":"https://a"}`) + "\n\ndata: [DONE]\n\n"
	rec := &agenttest.Recorder{}
	if err := onLoopback(t, &fake{answer: raw("text/event-stream", stream)}).ask(t, rec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]channels.Reply{{Text: "Hello.", Format: channels.FormatMarkdown}}, rec.Replies); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// FuzzAnswer reads a stranger's stream: whatever comes, each reply can be shown, and no piece
// of text is shown that no reply completes.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"", text("a"), called(0, "show_buttons", `{"buttons":[{"title":"a"}]}`), called(3, "show_custom", `{"data":{}}`), "[DONE]", `{"error":{"code":1}}`,
		`{"choices":[{"delta":{"content":[{"type":"text","text":"<think>a</think>b"}]},"finish_reason":"stop"}],"usage":{}}`,
	} {
		f.Add("data: "+seed+"\n\ndata: "+finish("stop")[0]+"\n\n", true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, stream string, live bool) {
		rec := &agenttest.Recorder{Shows: live}
		err := openai.ReadAnswer(t.Context(), strings.NewReader(stream), live, rec)
		for _, r := range rec.Replies {
			if e := r.Validate(); e != nil {
				t.Errorf("a reply that cannot be shown: %v", e)
			}
		}
		if err == nil && strings.TrimSpace(strings.Join(rec.Pending, "")) != "" {
			t.Errorf("no reply completes %q", rec.Pending)
		}
		if !live && len(rec.Deltas) > 0 {
			t.Errorf("pieces %q that nobody sees", rec.Deltas)
		}
	})
}
