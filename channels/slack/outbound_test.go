package slack_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// post1 is a call of chat.postMessage to the channel C1.
func post1(before, after string) []string {
	return []string{"POST /api/chat.postMessage {" + before + `"channel":"C1"` + after + "}"}
}

func actions(elements string) string { return `{"elements":[` + elements + `],"type":"actions"}` }

func section(kind, text string) string {
	return `{"text":{"text":"` + text + `","type":"` + kind + `"},"type":"section"}`
}

func buttonOf(title, rest string) string {
	return `{"text":{"text":"` + title + `","type":"plain_text"},"type":"button",` + rest + `}`
}

func TestOutbound(t *testing.T) {
	t.Parallel()
	long := "/pay" + strings.Repeat("x", 2001)
	extra := func(key, value string) map[string]json.RawMessage {
		return map[string]json.RawMessage{key: json.RawMessage(value)}
	}
	yes := channels.Button{Title: "Yes", Payload: "/yes"}
	cases := []channeltest.Sent{
		{Name: "plain text, as it is", Reply: channels.Reply{Text: "*a* & <!here>"}, Calls: post1("", `,"text":"*a* & <!here>"`)},
		{Name: "Markdown", Reply: channels.Reply{Text: "**a** & <!here> [b](https://x.test)", Format: channels.FormatMarkdown}, Calls: post1("", `,"text":"*a* &amp; &lt;!here&gt; <https://x.test|b>"`)},
		{
			Name: "buttons", Reply: channels.Reply{Text: "?", Buttons: []channels.Button{
				yes, {Title: "No"}, {Title: "Site", Extra: extra("url", `"https://x.test"`)}, {Title: "Pay", Payload: "/pay", Extra: extra("style", `"danger"`)}, {},
			}},
			Calls: post1(`"blocks":[`+section("plain_text", "?")+","+actions(buttonOf("Yes", `"value":"/yes"`)+","+buttonOf("No", `"value":"No"`)+","+
				`{"text":{"text":"Site","type":"plain_text"},"type":"button","url":"https://x.test"},`+
				`{"style":"danger","text":{"text":"Pay","type":"plain_text"},"type":"button","value":"/pay"}`)+`],`, `,"text":"?"`),
		},
		{
			Name: "quick replies below Markdown", Reply: channels.Reply{Text: "**?**", Format: channels.FormatMarkdown, QuickReplies: []channels.Button{yes}},
			Calls: post1(`"blocks":[`+section("mrkdwn", "*?*")+","+actions(buttonOf("Yes", `"value":"/yes"`))+`],`, `,"text":"*?*"`),
		},
		{
			Name: "below mrkdwn", Reply: channels.Reply{Text: "*?*", Buttons: []channels.Button{yes}, Extra: extra("mrkdwn", "true")},
			Calls: post1(`"blocks":[`+section("mrkdwn", "*?*")+","+actions(buttonOf("Yes", `"value":"/yes"`))+`],`, `,"text":"*?*"`),
		},
		{
			Name: "no text", Reply: channels.Reply{Buttons: []channels.Button{yes}},
			Calls: post1(`"blocks":[`+actions(buttonOf("Yes", `"value":"/yes"`))+`],`, `,"text":"…"`),
		},
		{
			Name: "long payload and title", Reply: channels.Reply{Text: "?", Buttons: []channels.Button{{Title: strings.Repeat("é", 80), Payload: long}}},
			Calls: post1(`"blocks":[`+section("plain_text", "?")+","+actions(buttonOf(strings.Repeat("é", 74)+"…", `"value":"`+channels.ChoiceKey(long)+`"`))+`],`, `,"text":"?"`),
		},
		{
			Name: "image of an attachment", Reply: channels.Reply{Attachment: json.RawMessage(`{"type":"image","url":"https://x.test/a.png"}`)},
			Calls: post1(`"blocks":[{"alt_text":"https://x.test/a.png","image_url":"https://x.test/a.png","type":"image"}],`, `,"text":"https://x.test/a.png"`),
		},
		{Name: "file with a name", Reply: channels.Reply{Attachment: json.RawMessage(`{"type":"file","name":"a|b.pdf","url":"https://x.test/a?b&c"}`)}, Calls: post1("", `,"text":"<https://x.test/a?b&amp;c|a¦b.pdf>"`)},
		{Name: "file by its address", Reply: channels.Reply{Attachment: json.RawMessage(`"https://x.test/a"`)}, Calls: post1("", `,"text":"https://x.test/a"`)},
		{Name: "custom elsewhere, never with a token", Reply: channels.Reply{Custom: json.RawMessage(`{"channel":"C9","text":"a","token":"xoxb-other"}`)}, Calls: []string{`POST /api/chat.postMessage {"channel":"C9","text":"a"}`}},
		{Name: "custom blocks", Reply: channels.Reply{Custom: json.RawMessage(` [{"type":"divider"}]`)}, Calls: post1(`"blocks":[{"type":"divider"}],`, "")},
		{
			Name: "elements", Reply: channels.Reply{Elements: []channels.Element{{Title: "A", Subtitle: "a", Buttons: []channels.Button{yes}, Extra: extra("image_url", `"https://x.test/a"`)}}},
			Calls: append(post1(`"blocks":[{"alt_text":"https://x.test/a","image_url":"https://x.test/a","type":"image"}],`, `,"text":"https://x.test/a"`),
				post1(`"blocks":[`+section("plain_text", "A : a")+","+actions(buttonOf("Yes", `"value":"/yes"`))+`],`, `,"text":"A : a"`)...),
		},
	}
	for i := range cases {
		cases[i].Sender, cases[i].Receipt = "C1", "1.000200"
		cases[i].Answers = []http.HandlerFunc{channeltest.Answer(200, `{"ok":true,"channel":"C1","ts":"1.000200"}`)}
	}
	refused := func(name, custom string) channeltest.Sent {
		return channeltest.Sent{Name: name, Sender: "C1", Reply: channels.Reply{Custom: json.RawMessage(custom)}, Err: &channels.SendError{Class: channels.SendRejected}}
	}
	channeltest.Outbound(t, typ(), webhook+local, append(cases, refused("custom text", `"a"`), refused("custom null", `null`)))
}

// TestOutboundFails classes what Slack answers.
func TestOutboundFails(t *testing.T) {
	t.Parallel()
	hung := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	slow := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		channeltest.Answer(429, `{"ok":false,"error":"ratelimited"}`)(w, nil)
	}
	bare := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "9")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	fails := map[string]struct {
		answer http.HandlerFunc
		want   channels.SendError
	}{
		"a proxy's page":           {channeltest.Answer(502, "<html>bad gateway</html>"), channels.SendError{Class: channels.SendUnavailable, Code: "502"}},
		"a page with status 200":   {channeltest.Answer(200, "<html>welcome</html>"), channels.SendError{Class: channels.SendUnknown}},
		"another JSON":             {channeltest.Answer(200, `{"a":1}`), channels.SendError{Class: channels.SendUnknown}},
		"a result of another type": {channeltest.Answer(200, `{"ok":true,"ts":5}`), channels.SendError{Class: channels.SendUnknown}},
		"a redirect":               {channeltest.Answer(302, ""), channels.SendError{Class: channels.SendRejected, Code: "302"}},
		"no answer":                {hung, channels.SendError{Class: channels.SendUnknown}},
		"too much":                 {slow, channels.SendError{Class: channels.SendThrottled, Code: "ratelimited", RetryAfter: 7 * time.Second}},
		"too much, without words":  {bare, channels.SendError{Class: channels.SendThrottled, Code: "429", RetryAfter: 9 * time.Second}},
		"an echo of the token":     {channeltest.Answer(200, `{"ok":false,"error":"`+token+` is odd"}`), channels.SendError{Class: channels.SendRejected, Code: "unknown_error"}},
		"a scope that is an echo":  {channeltest.Answer(200, `{"ok":false,"error":"missing_scope","needed":"`+token+`"}`), channels.SendError{Class: channels.SendUnauthorized, Code: "missing_scope"}},
	}
	for class, codes := range map[channels.SendClass]string{
		channels.SendUnauthorized: "invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type missing_scope no_permission org_login_required",
		channels.SendGone:         "channel_not_found is_archived not_in_channel user_not_found user_disabled messages_tab_disabled restricted_action restricted_action_read_only_channel thread_not_found team_not_found cannot_dm_bot",
		channels.SendRejected:     "no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format invalid_arguments too_many_attachments unknown_method something_new",
		channels.SendThrottled:    "rate_limited message_limit_exceeded",
		channels.SendUnavailable:  "internal_error service_unavailable team_added_to_org external_channel_migrating",
		channels.SendUnknown:      "fatal_error request_timeout",
	} {
		for _, code := range strings.Fields(codes) {
			fails[code] = struct {
				answer http.HandlerFunc
				want   channels.SendError
			}{channeltest.Answer(200, `{"ok":false,"error":"`+code+`"}`), channels.SendError{Class: class, Code: code}}
		}
	}
	var cases []channeltest.Sent
	for name, x := range fails {
		cases = append(cases, channeltest.Sent{
			Name: name, Sender: "C1", Reply: channels.Reply{Text: "s3cr3t"}, Answers: []http.HandlerFunc{x.answer},
			Calls: post1("", `,"text":"s3cr3t"`), Err: &x.want,
		})
	}
	channeltest.Outbound(t, typ(), webhook+local, cases)
}

// TestOutboundSays has what to do in the error.
func TestOutboundSays(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"ok":false,"error":"missing_scope","needed":"files:write"}`: "install the app again: missing_scope: files:write",
		`{"ok":false,"error":"not_in_channel"}`:                       "invite the app",
		`{"ok":false,"error":"token_revoked"}`:                        "OAuth & Permissions",
	} {
		server := fakeAnswer(t, answer)
		_, err := open(t, webhook+"\napi_base_url: "+server).Send(t.Context(), channels.Part{Sender: "C1", Reply: channels.Reply{Text: "a"}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// TestFit cuts at what Slack shows, and keeps every button.
func TestFit(t *testing.T) {
	t.Parallel()
	c := open(t, webhook)
	many := func(n, payload int) (list []channels.Button) {
		for i := range n {
			list = append(list, channels.Button{Title: "b" + string(rune('a'+i%26)), Payload: strings.Repeat("p", payload) + string(rune('a'+i%26))})
		}
		return list
	}
	link := channels.Button{Title: "L", Extra: map[string]json.RawMessage{"url": json.RawMessage(`"https://x.test"`)}}
	for _, x := range []struct {
		name           string
		reply          channels.Reply
		parts, choices int
		buttons        bool // are buttons still, or a menu
	}{
		{"short", channels.Reply{Text: "a"}, 1, 0, false},
		{"long", channels.Reply{Text: strings.Repeat("word ", 4000)}, 2, 0, false},
		{"long Markdown", channels.Reply{Text: strings.Repeat("It is *so* easy. ", 1500), Format: channels.FormatMarkdown}, 3, 0, false},
		{"blank", channels.Reply{Text: " "}, 1, 0, false},
		{"Markdown that shows nothing", channels.Reply{Text: "[](x)", Format: channels.FormatMarkdown}, 0, 0, false},
		{"25 buttons", channels.Reply{Text: "?", Buttons: many(25, 10)}, 1, 0, true},
		{"a long payload", channels.Reply{Text: "?", Buttons: many(2, 2000)}, 1, 2, true},
		{"a menu", channels.Reply{Text: "?", Buttons: many(26, 10)}, 1, 0, true},
		{"a menu with long payloads", channels.Reply{Text: "?", Buttons: many(26, 150)}, 1, 26, true},
		{"a menu and a link", channels.Reply{Text: "?", Buttons: append(many(30, 10), link)}, 1, 0, true},
		{"too many for a menu", channels.Reply{Text: "?", Buttons: many(101, 10)}, 1, 101, false},
		{"long text with a button", channels.Reply{Text: strings.Repeat("word ", 4000), Buttons: many(1, 10)}, 2, 0, true},
	} {
		parts := c.Fit(channels.Part{Reply: x.reply})
		if len(parts) != x.parts {
			t.Errorf("%s: %d parts", x.name, len(parts))
			continue
		}
		if x.parts == 0 {
			continue
		}
		last := parts[len(parts)-1]
		if len(last.Choices) != x.choices || (last.Reply.Buttons != nil) != x.buttons {
			t.Errorf("%s: %d choices, %d buttons", x.name, len(last.Choices), len(last.Reply.Buttons))
		}
		again := c.Fit(last)
		if len(again) != 1 || len(again[0].Choices) != x.choices {
			t.Errorf("%s: fitted again it is %+v", x.name, again)
		}
		for _, p := range parts {
			if n := len([]rune(p.Reply.Text)); n > 11_000 {
				t.Errorf("%s: a part of %d characters", x.name, n)
			}
		}
	}
}

// TestAddress has where one may send who has not written.
func TestAddress(t *testing.T) {
	t.Parallel()
	for sender, want := range map[string]string{
		"U1": "U1//U1//", "U1_C1": "C1//U1//", "U1_C1_1.5": "C1/1.5/U1//", "C1": "C1//C1//", "ina": "", "": "", "U1_": "", "U1_C1_x": "", "U1/C1": "",
	} {
		got, err := open(t, webhook).Address(sender)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", sender, got, err)
		}
	}
	c := open(t, webhook+"\nslack_channel: C7")
	if got, err := c.Address("U1_C1_1.5"); got != "C7//U1//" || err != nil {
		t.Errorf("slack_channel: %q, %v", got, err)
	}
	if key := c.RateKey(channels.Part{Sender: "U1_C1_1.5"}); key != "C1" {
		t.Errorf("rate key %q", key)
	}
}

// TestCodeBlock closes and opens a code block again where an edit has to cut it, and leaves it whole
// in a message that is posted.
func TestCodeBlock(t *testing.T) {
	t.Parallel()
	c, s, ts := streaming(t, "\nstreaming: edit")
	source := "See:\n\n```\n" + strings.Repeat("line of code\n", 400) + "```"
	receipt, err := c.Open(t.Context(), growing(ts, "See", true))
	if err != nil {
		t.Fatal(err)
	}
	whole := c.Fit(growing(ts, source, true))
	if len(whole) != 1 {
		t.Fatalf("%d parts", len(whole))
	}
	if _, err := c.Close(t.Context(), whole[0], receipt, source[3:]); err != nil {
		t.Fatal(err)
	}
	m := last(t, s)
	if len(m.Blocks) < 2 {
		t.Errorf("%d blocks", len(m.Blocks))
	}
	for _, b := range m.Blocks {
		text, _ := b["text"].(object)["text"].(string)
		if strings.Count(text, "```") != 2 || len(text) > 3000 {
			t.Errorf("a section of %d characters: %.20q ... %q", len(text), text, text[max(0, len(text)-20):])
		}
	}
	if _, err := deliver(t, c, whole[0]); err != nil {
		t.Fatal(err)
	}
	if m := last(t, s); m.Blocks != nil || strings.Count(m.Text, "```") != 2 || strings.Count(m.Text, "line of code") != 400 {
		t.Errorf("posted in %d blocks", len(m.Blocks))
	}
}
