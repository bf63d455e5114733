package slacktest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "xoxb-fake"

// open returns a server that ends with the test.
func open(t testing.TB, o slacktest.Options) *slacktest.Server {
	s := slacktest.New(o)
	t.Cleanup(s.Close)
	return s
}

// told is what a call was answered.
type told struct {
	OK      bool
	Error   string
	Channel json.RawMessage
	TS      string
	Message struct {
		Thread string `json:"thread_ts"`
	}
	Needed, Provided string
	Metadata         struct {
		Messages []string
		Cursor   string `json:"next_cursor"`
	} `json:"response_metadata"`
	URL       string
	UploadURL string `json:"upload_url"`
	FileID    string `json:"file_id"`
	Members   []struct{ ID string }

	status int
	header http.Header
}

// call makes a call with a JSON body.
func call(t testing.TB, s *slacktest.Server, token, method, body string) told {
	t.Helper()
	return send(t, s, method, "application/json; charset=utf-8", body, map[string]string{"Authorization": "Bearer " + token})
}

func send(t testing.TB, s *slacktest.Server, method, contentType, body string, header map[string]string) (a told) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/"+method, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: %v: %s", method, err, w.Body)
	}
	a.status, a.header = w.Code, w.Header()
	return a
}

// in is an argument list with more arguments behind channel and text.
func in(channel, text string, more ...string) string {
	return fmt.Sprintf(`{"channel":%q,"text":%q%s}`, channel, text, strings.Join(append([]string{""}, more...), ","))
}

// blocks is an argument list with blocks.
func blocks(list ...string) string {
	return in("C1", "", `"blocks":[`+strings.Join(list, ",")+`]`)
}

func button(id, text, value string) string {
	return fmt.Sprintf(`{"type":"button","action_id":%q,"text":{"type":"plain_text","text":%q},"value":%q}`, id, text, value)
}

func actions(elements ...string) string {
	return `{"type":"actions","elements":[` + strings.Join(elements, ",") + `]}`
}

func option(text, value string) string {
	return fmt.Sprintf(`{"text":{"type":"plain_text","text":%q},"value":%q}`, text, value)
}

func menu(options ...string) string {
	return actions(`{"type":"static_select","action_id":"m","options":[` + strings.Join(options, ",") + `]}`)
}

func section(text string) string {
	return fmt.Sprintf(`{"type":"section","text":{"type":"mrkdwn","text":%q}}`, text)
}

// many makes n texts.
func many(n int, one func(i int) string) (list []string) {
	for i := range n {
		list = append(list, one(i))
	}
	return list
}

// TestRefusals has Slack's error strings, of https://docs.slack.dev/reference/methods and of what
// people report.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{Teams: []slacktest.Team{{ID: "T2", Token: "xoxb-two"}}})
	ina, other := s.Person(slacktest.Ina), s.PersonOf("T2", "U2")
	ts := ina.Say("C1", "hi")
	ina.Say("C2", "hi")
	ina.Say("C3", "hi")
	other.Say("C4", "hi")
	s.Leave("C2")
	s.Archive("C3")
	own := call(t, s, token, "chat.postMessage", in("C1", "mine")).TS
	at := func(ts, text string) string { return in("C1", text, `"ts":"`+ts+`"`) }
	x := strings.Repeat
	const post, update, start = "chat.postMessage", "chat.update", "chat.startStream"
	for _, c := range []struct{ name, token, method, body, want string }{
		{"right", token, "auth.test", "", ""},
		{"no token", "", "auth.test", "", "not_authed"},
		{"another token", "xoxb-x", "auth.test", "", "invalid_auth"},
		{"the app's token", "xapp-fake", post, in("C1", "a"), "not_allowed_token_type"},
		{"the bot's token", token, "apps.connections.open", "", "not_allowed_token_type"},
		{"unknown method", token, "chat.fly", "", "unknown_method"},
		{"not JSON", token, post, "{", "invalid_json"},
		{"no channel", token, post, `{"text":"a"}`, "invalid_arguments"},
		{"unknown channel", token, post, in("C9", "a"), "channel_not_found"},
		{"of another workspace", token, post, in("C4", "a"), "channel_not_found"},
		{"no member", token, post, in("C2", "a"), "not_in_channel"},
		{"archived", token, post, in("C3", "a"), "is_archived"},
		{"to a person", token, post, in(slacktest.Ina, "a"), ""},
		{"to a person of another workspace", token, post, in("U2", "a"), "channel_not_found"},
		{"no text", token, post, in("C1", ""), "no_text"},
		{"a long text is cut", token, post, in("C1", x("a", 40_001)), ""},
		{"wrong thread", token, post, in("C1", "a", `"thread_ts":"0"`), "invalid_thread_ts"},
		{"attachments", token, post, in("C1", "", `"attachments":[`+strings.Join(many(101, func(int) string { return `{}` }), ",")+`]`), "too_many_attachments"},
		{"markdown", token, post, in("C1", "", `"markdown_text":"`+x("ä", 12_000)+`"`), ""},
		{"long markdown", token, post, in("C1", "", `"markdown_text":"`+x("a", 12_001)+`"`), "msg_too_long"},
		{"markdown beside text", token, post, in("C1", "a", `"markdown_text":"a"`), "markdown_text_conflict"},
		{"nothing to edit", token, update, at("1.000001", "a"), "message_not_found"},
		{"a person's message", token, update, at(ts, "a"), "cant_update_message"},
		{"update", token, update, at(own, x("a", 4000)), ""},
		{"long update", token, update, at(own, x("ä", 2000)+"a"), "msg_too_long"},
		{"delete a person's message", token, "chat.delete", at(ts, ""), "cant_delete_message"},
		{"stream without thread", token, start, in("C1", "", `"recipient_user_id":"U0AAA1","recipient_team_id":"T0AAA1"`), "invalid_thread_ts"},
		{"stream without person", token, start, in("C1", "", `"thread_ts":"`+ts+`"`), "missing_recipient_user_id"},
		{"stream without workspace", token, start, in("C1", "", `"thread_ts":"`+ts+`","recipient_user_id":"U0AAA1"`), "missing_recipient_team_id"},
		{"append to no stream", token, "chat.appendStream", at(own, ""), "message_not_in_streaming_state"},
		{"append to a person's message", token, "chat.appendStream", at(ts, ""), "message_not_owned_by_app"},
		{"unknown person", token, "users.info", `{"user":"U9"}`, "user_not_found"},
		{"chat with a bot", token, "conversations.open", `{"users":"U0BOT1"}`, "cannot_dm_bot"},
		{"unknown chat", token, "conversations.info", `{"channel":"C9"}`, "channel_not_found"},
		{"upload by JSON", token, "files.getUploadURLExternal", `{"filename":"a","length":1}`, "invalid_arguments"},
		{"unknown file", token, "files.completeUploadExternal", `{"files":[{"id":"F9"}]}`, "file_not_found"},
		{"status of no thread", token, "assistant.threads.setStatus", `{"channel_id":"C1","thread_ts":"1.000001","status":"thinks"}`, "invalid_thread_ts"},
	} {
		if got := call(t, s, c.token, c.method, c.body); got.Error != c.want || got.OK != (c.want == "") || got.status != 200 {
			t.Errorf("%s: %d %v %q %q, want %q", c.name, got.status, got.OK, got.Error, got.Metadata.Messages, c.want)
		}
	}
	c := s.Chat("C1")
	if n := len(c.Messages[2].Text); n != 40_000 {
		t.Errorf("a long text is cut to %d", n)
	}
}

// TestBlocks refuses what is over the limits of
// https://docs.slack.dev/reference/block-kit/blocks, and takes what is at them.
func TestBlocks(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	s.Person(slacktest.Ina).Say("C1", "hi")
	x := strings.Repeat
	for _, c := range []struct{ name, body, want string }{
		{"blocks are no list", in("C1", "", `"blocks":{}`), "invalid_blocks_format"},
		{"blocks in a text", in("C1", "", `"blocks":"[{\"type\":\"divider\"}]"`), ""},
		{"50 blocks", blocks(many(50, func(int) string { return `{"type":"divider"}` })...), ""},
		{"51 blocks", blocks(many(51, func(int) string { return `{"type":"divider"}` })...), "invalid_blocks"},
		{"all blocks too long", blocks(many(5, func(int) string { return section(x("a", 2_700)) })...), "msg_blocks_too_long"},
		{"unknown block", blocks(`{"type":"poem"}`), "invalid_blocks"},
		{"two of one block_id", blocks(`{"type":"divider","block_id":"a"}`, `{"type":"divider","block_id":"a"}`), "invalid_blocks"},
		{"section of 3,000", blocks(section(x("😀", 3000))), ""},
		{"section of 3,001", blocks(section(x("a", 3001))), "invalid_blocks"},
		{"empty section", blocks(section("")), "invalid_blocks"},
		{"header of 151", blocks(`{"type":"header","text":{"type":"plain_text","text":"` + x("a", 151) + `"}}`), "invalid_blocks"},
		{"header in mrkdwn", blocks(`{"type":"header","text":{"type":"mrkdwn","text":"a"}}`), "invalid_blocks"},
		{"image without alt", blocks(`{"type":"image","image_url":"https://x.test/a.png"}`), "invalid_blocks"},
		{"11 in a context", blocks(`{"type":"context","elements":[` + strings.Join(many(11, func(int) string { return `{"type":"mrkdwn","text":"a"}` }), ",") + `]}`), "invalid_blocks"},
		{"25 buttons", blocks(actions(many(25, func(i int) string { return button(fmt.Sprint(i), "a", "v") })...)), ""},
		{"26 buttons", blocks(actions(many(26, func(i int) string { return button(fmt.Sprint(i), "a", "v") })...)), "invalid_blocks"},
		{"two of one action_id", blocks(actions(button("a", "a", "v"), button("a", "b", "v"))), "invalid_blocks"},
		{"no buttons", blocks(actions()), "invalid_blocks"},
		{"button of 75 and 2,000", blocks(actions(button("a", x("b", 75), x("v", 2000)))), ""},
		{"button text of 76", blocks(actions(button("a", x("b", 76), "v"))), "invalid_blocks"},
		{"button value of 2,001", blocks(actions(button("a", "b", x("v", 2001)))), "invalid_blocks"},
		{"action_id of 256", blocks(actions(button(x("a", 256), "b", "v"))), "invalid_blocks"},
		{"100 options", blocks(menu(many(100, func(i int) string { return option("o", fmt.Sprint(i)) })...)), ""},
		{"101 options", blocks(menu(many(101, func(i int) string { return option("o", fmt.Sprint(i)) })...)), "invalid_blocks"},
		{"option value of 150", blocks(menu(option("o", x("v", 150)))), ""},
		{"option value of 151", blocks(menu(option("o", x("v", 151)))), "invalid_blocks"},
		{"option text of 76", blocks(menu(option(x("o", 76), "v"))), "invalid_blocks"},
	} {
		if got := call(t, s, token, "chat.postMessage", c.body); got.Error != c.want || got.OK != (c.want == "") {
			t.Errorf("%s: %v %q %q, want %q", c.name, got.OK, got.Error, got.Metadata.Messages, c.want)
		}
	}
}

// TestScopes names what a token lacks, and what it has.
func TestScopes(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{Scopes: []string{"chat:write", "im:history"}})
	a := call(t, s, token, "users.info", `{"user":"U0AAA1"}`)
	if a.Error != "missing_scope" || a.Needed != "users:read" || a.Provided != "chat:write,im:history" {
		t.Errorf("%+v", a)
	}
	if a = call(t, s, token, "auth.test", ""); !a.OK || a.header.Get("X-Oauth-Scopes") != "chat:write,im:history" {
		t.Errorf("%+v", a)
	}
	s.Revoke(slacktest.TeamID, "account_inactive")
	if a = call(t, s, token, "auth.test", ""); a.Error != "account_inactive" {
		t.Errorf("%+v", a)
	}
}

// TestForms takes what the clients send: a form with the token in it, and JSON in its fields.
func TestForms(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	dm := s.Person(slacktest.Ina).DM()
	const form = "application/x-www-form-urlencoded"
	if a := send(t, s, "chat.postMessage", form, "token="+token+"&channel="+dm+"&text=h%C3%A9llo&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D", nil); !a.OK {
		t.Errorf("%+v", a)
	}
	multipart := "--x\r\nContent-Disposition: form-data; name=\"channel\"\r\n\r\n" + dm + "\r\n--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ntwo\r\n--x--\r\n"
	if a := send(t, s, "chat.postMessage", "multipart/form-data; boundary=x", multipart, map[string]string{"Authorization": "Bearer " + token}); !a.OK {
		t.Errorf("%+v", a)
	}
	c := s.Chat(dm)
	if len(c.Messages) != 2 || c.Messages[0].Text != "héllo" || len(c.Messages[0].Blocks) != 1 || c.Messages[1].Text != "two" {
		t.Errorf("%+v", c.Messages)
	}
	for _, one := range s.Calls() {
		if one.Args["token"] != nil {
			t.Error("the token is recorded")
		}
	}
}
