package telegram_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// What the messages of the tests have in common.
const (
	ina     = `"from":{"id":4201,"is_bot":false,"first_name":"Ina"}`
	private = `"chat":{"id":4201,"first_name":"Ina","type":"private"}`
	crew    = `"chat":{"id":-1001234500001,"title":"Crew","type":"supergroup"}`

	inInPrivate = `"chat":{"id":4201,"type":"private"},"from":{"id":4201,"first_name":"Ina"}`
	inaInCrew   = `"chat":{"id":-1001234500001,"type":"supergroup","title":"Crew"},"from":{"id":4201,"first_name":"Ina"}`
)

// posted is a message from a private chat.
func posted(text string, attachments ...channels.Attachment) []channels.Message {
	return []channels.Message{{
		ID: "1", Sender: "4201", Text: text, Attachments: attachments,
		Metadata: json.RawMessage(`{"update_id":1,"kind":"message","message_id":2,` + inInPrivate + `}`),
	}}
}

// inGroup is a message from a group.
func inGroup(text string) []channels.Message {
	return []channels.Message{{
		ID: "1", Sender: "-1001234500001", Text: text,
		Metadata: json.RawMessage(`{"update_id":1,"kind":"message","message_id":2,` + inaInCrew + `}`),
	}}
}

// update is one with a message from a private chat, group with one from a group.
func update(content string) string {
	return `{"update_id":1,"message":{"message_id":2,"date":3,` + ina + `,` + private + `,` + content + `}}`
}

func group(content string) string {
	return `{"update_id":1,"message":{"message_id":2,"date":3,` + ina + `,` + crew + `,` + content + `}}`
}

// cases fills in what the cases of a table have in common.
func cases(list []channeltest.Case) []channeltest.Case {
	for i := range list {
		c := &list[i]
		if c.Header == nil {
			c.Header = shown(secret)
		}
		if c.Answer == "" && c.Status == 0 && c.Err == nil {
			c.Answer = "success"
		}
	}
	return list
}

func TestInbound(t *testing.T) {
	t.Parallel()
	channeltest.Inbound(t, channeltest.Open(t, typ(), webhook), cases([]channeltest.Case{
		{Name: "text", Body: update(`"text":"Hello 👋"`), Posted: posted("Hello 👋"), AnswerHeader: map[string]string{"Content-Type": "text/plain; charset=utf-8"}},
		{Name: "with a slash", Target: "/webhook/", Body: update(`"text":"a"`), Posted: posted("a")},
		{Name: "JSON in JSON, as Rasa takes it", Body: strconv.Quote(update(`"text":"a"`)), Posted: posted("a")},
		{Name: "Rasa's /bot at the start", Body: update(`"text":"/bot hi"`), Posted: posted("hi")},
		{Name: "and within a word", Body: update(`"text":"see /bottle"`), Posted: posted("see /bottle")},
		{
			Name: "restart", Body: update(`"text":"/restart"`),
			Posted: append(posted("/restart"), func() channels.Message {
				m := posted("/start")[0]
				m.ID = "1/start"
				return m
			}()),
		},
		{
			Name: "photo", Body: update(`"photo":[{"file_id":"S","width":90,"file_size":900},{"file_id":"L","width":900,"file_size":90000}],"caption":"see"`),
			Posted: posted("see", channels.Attachment{Type: "image", Ref: "L", MIME: "image/jpeg", Size: 90000}),
		},
		{
			Name: "voice", Body: update(`"voice":{"file_id":"V","duration":3,"mime_type":"audio/ogg","file_size":12000}`),
			Posted: posted("", channels.Attachment{Type: "audio", Ref: "V", MIME: "audio/ogg", Size: 12000}),
		},
		{
			Name: "animation, which is a document too", Body: update(`"animation":{"file_id":"A","mime_type":"video/mp4"},"document":{"file_id":"A"}`),
			Posted: posted("", channels.Attachment{Type: "video", Ref: "A", MIME: "video/mp4"}),
		},
		{
			Name: "document", Body: update(`"document":{"file_id":"D","file_name":"a.pdf","mime_type":"application/pdf","file_size":-5}`),
			Posted: posted("", channels.Attachment{Type: "file", Ref: "D", MIME: "application/pdf", Name: "a.pdf"}),
		},
		{Name: "sticker", Body: update(`"sticker":{"file_id":"T"}`), Posted: posted("", channels.Attachment{Type: "image", Ref: "T", MIME: "image/webp"})},
		{Name: "video sticker", Body: update(`"sticker":{"file_id":"T","is_video":true}`), Posted: posted("", channels.Attachment{Type: "video", Ref: "T", MIME: "video/webm"})},
		{Name: "location, as Rasa writes it", Body: update(`"location":{"latitude":48.9,"longitude":2.10}`), Posted: posted(`{"lng":2.10, "lat":48.9}`)},
		{Name: "dice", Body: update(`"dice":{"emoji":"🎲","value":4}`), Posted: posted(`{"emoji":"🎲","value":4}`)},
		{Name: "web app", Body: update(`"web_app_data":{"data":"d","button_text":"b"}`), Posted: posted("d")},
		{
			Name: "contact", Body: update(`"contact":{"phone_number":"+49","first_name":"Ina"}`),
			Posted: []channels.Message{{
				ID: "1", Sender: "4201", Text: `{"phone_number":"+49","first_name":"Ina"}`,
				Metadata: json.RawMessage(`{"update_id":1,"kind":"message","message_id":2,` + inInPrivate + `,"contact":{"phone_number":"+49","first_name":"Ina"}}`),
			}},
		},
		{Name: "somebody joined", Body: update(`"new_chat_members":[{"id":5}]`)},
		{Name: "edited", Body: `{"update_id":1,"edited_message":{"message_id":2,` + ina + `,` + private + `,"text":"new"}}`},
		{Name: "another bot", Body: `{"update_id":1,"message":{"message_id":2,"from":{"id":7,"is_bot":true},` + private + `,"text":"a"}}`},
		{Name: "ourselves", Body: `{"update_id":1,"message":{"message_id":2,"from":{"id":9001,"is_bot":false},` + private + `,"text":"a"}}`},
		{Name: "a kind of the future", Body: `{"update_id":700022,"some_future_update":{"x":1}}`, Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "fields of other types", Body: `{"update_id":"x","message":[]}`},
		{Name: "no chat", Body: `{"update_id":1,"message":{"text":"a"}}`},
	}))
}

func TestInboundGroup(t *testing.T) {
	t.Parallel()
	channeltest.Inbound(t, channeltest.Open(t, typ(), webhook), cases([]channeltest.Case{
		{Name: "not addressed", Body: group(`"text":"hi all"`), Logged: []channels.Verdict{channels.VerdictIgnored}},
		{Name: "mention", Body: group(`"text":"@Vox_test_bot when?","entities":[{"type":"mention","offset":0,"length":13}]`), Posted: inGroup(" when?")},
		{Name: "mention behind emoji", Body: group(`"text":"👋👋 @vox_test_bot?","entities":[{"type":"mention","offset":5,"length":13}]`), Posted: inGroup("👋👋 @vox_test_bot?")},
		{Name: "mention of another", Body: group(`"text":"@other_bot","entities":[{"type":"mention","offset":0,"length":10}]`)},
		{Name: "command", Body: group(`"text":"/ask when?","entities":[{"type":"bot_command","offset":0,"length":4}]`), Posted: inGroup("/ask when?")},
		{Name: "command with our name", Body: group(`"text":"/ask@vox_test_bot when?","entities":[{"type":"bot_command","offset":0,"length":17}]`), Posted: inGroup("/ask when?")},
		{Name: "command of another bot", Body: group(`"text":"/ask@other_bot","entities":[{"type":"bot_command","offset":0,"length":14}]`)},
		{
			Name: "reply to the bot", Body: group(`"text":"yes","reply_to_message":{"message_id":9,"from":{"id":9001,"is_bot":true}}`),
			Posted: []channels.Message{{
				ID: "1", Sender: "-1001234500001", Text: "yes",
				Metadata: json.RawMessage(`{"update_id":1,"kind":"message","message_id":2,"reply_to_message_id":9,` + inaInCrew + `}`),
			}},
		},
		{Name: "reply to somebody", Body: group(`"text":"yes","reply_to_message":{"message_id":9,"from":{"id":7}}`)},
		{Name: "entities out of the text", Body: group(`"text":"@x","entities":[{"type":"mention","offset":1,"length":99},{"type":"mention","offset":-1,"length":1}]`)},
		{
			Name: "topic", Body: group(`"message_thread_id":77,"is_topic_message":true,"text":"/a","entities":[{"type":"bot_command","offset":0,"length":2}]`),
			Posted: []channels.Message{{
				ID: "1", Sender: "-1001234500001:77", Text: "/a",
				Metadata: json.RawMessage(`{"update_id":1,"kind":"message","message_id":2,"message_thread_id":77,` + inaInCrew + `}`),
			}},
		},
		{Name: "thread of a plain reply", Body: group(`"message_thread_id":77,"text":"/a","entities":[{"type":"bot_command","offset":0,"length":2}]`), Posted: inGroup("/a")},
		{Name: "a channel's post", Body: `{"update_id":1,"channel_post":{"message_id":2,"chat":{"id":-5,"type":"channel"},"text":"post"}}`},
	}))
}

func TestInboundKeys(t *testing.T) {
	t.Parallel()
	edited := `{"update_id":1,"edited_message":{"message_id":2,` + ina + `,` + private + `,"text":"new"}}`
	anonymous := `{"update_id":1,"message":{"message_id":2,"from":{"id":1087968824,"is_bot":true},"sender_chat":{"id":-5,"type":"supergroup"},"chat":{"id":-5,"type":"supergroup"},"text":"as admin"}}`
	for _, c := range []struct{ name, block, body, want string }{
		{"edited_messages", webhook + "\nedited_messages: true", edited, "new"},
		{"groups all", webhook + "\ngroups: all", group(`"text":"hi all"`), "hi all"},
		{"groups all, an anonymous admin", webhook + "\ngroups: all", anonymous, "as admin"},
		{"groups none", webhook + "\ngroups: none", group(`"text":"/a","entities":[{"type":"bot_command","offset":0,"length":2}]`), ""},
		{"no verify: any bot's name", strings.Replace(webhook, "verify: vox_test_bot\n", "", 1), group(`"text":"@any_bot hi","entities":[{"type":"mention","offset":0,"length":8}]`), " hi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := &channeltest.Inbox{}
			if w := serve(t, c.block, in, c.body, shown(secret)); w.Code != http.StatusOK {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			var got string
			for _, m := range in.Posted() {
				got += m.Text
			}
			if got != c.want {
				t.Errorf("posted %q, want %q", got, c.want)
			}
		})
	}
}

// TestInboundEdited answers an edit when its writer has changed something, and no other change that
// Telegram tells of, such as the preview of a link.
func TestInboundEdited(t *testing.T) {
	t.Parallel()
	in := &channeltest.Inbox{}
	h := channeltest.Open(t, typ(), webhook+"\nedited_messages: true").Inbound(in)
	for n, c := range []string{
		`{"update_id":1,"message":{"message_id":2,` + private + `,"text":"a"}}`,
		`{"update_id":2,"edited_message":{"message_id":2,` + private + `,"text":"a","link_preview_options":{}}}`,
		`{"update_id":3,"edited_message":{"message_id":2,` + private + `,"text":"b"}}`,
		`{"update_id":3,"edited_message":{"message_id":2,` + private + `,"text":"b"}}`, // comes again
		`{"update_id":4,"edited_message":{"message_id":2,` + private + `,"text":"b"}}`,
		`{"update_id":5,"edited_message":{"message_id":3,` + private + `,"text":"b"}}`,
	} {
		if w := post(h, c, shown(secret)); w.Code != http.StatusOK {
			t.Fatalf("%d: status %d: %s", n, w.Code, w.Body)
		}
	}
	var got []string
	for _, m := range in.Posted() {
		got = append(got, m.ID+" "+m.Text)
	}
	if diff := cmp.Diff([]string{"1 a", "3 b", "3 b", "5 b"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestInboundQuery(t *testing.T) {
	t.Parallel()
	query := func(rest string) string {
		return `{"update_id":1,"callback_query":{"id":"55501",` + ina + `,"chat_instance":"-88",` + rest + `}}`
	}
	answered := `{"callback_query_id":"55501","method":"answerCallbackQuery"}`
	pressed := func(message string) []channels.Message {
		m := posted("b:7f3a")
		m[0].Metadata = json.RawMessage(`{"update_id":1,"kind":"callback_query",` + message + inInPrivate + `}`)
		return m
	}
	bot := `"from":{"id":9001,"is_bot":true}`
	channeltest.Inbound(t, channeltest.Open(t, typ(), webhook), cases([]channeltest.Case{
		{
			Name: "button", Body: query(`"data":"b:7f3a","message":{"message_id":18,` + bot + `,` + private + `,"date":3,"text":"Pick"}`),
			Posted: pressed(`"message_id":18,`), Answer: answered, AnswerHeader: map[string]string{"Content-Type": "application/json"},
		},
		{Name: "message that is not accessible", Body: query(`"data":"b:7f3a","message":{"message_id":18,` + private + `,"date":0}`), Posted: pressed(`"message_id":18,`), Answer: answered},
		{
			Name: "no message", Body: query(`"data":"b:7f3a","inline_message_id":"x"`), Answer: answered,
			Posted: []channels.Message{{
				ID: "1", Sender: "4201", Text: "b:7f3a",
				Metadata: json.RawMessage(`{"update_id":1,"kind":"callback_query","chat":{"id":4201,"type":"private"},"from":{"id":4201,"first_name":"Ina"}}`),
			}},
		},
		{Name: "a game", Body: query(`"game_short_name":"g"`), Answer: answered},
	}))
}

func TestInboundRefuses(t *testing.T) {
	t.Parallel()
	unauthenticated := `{"error":{"code":"unauthenticated","message":"the signature is missing, wrong or too old"}}`
	channeltest.Inbound(t, channeltest.Open(t, typ(), webhook), cases([]channeltest.Case{
		{Name: "no secret", Header: map[string]string{}, Body: hello, Status: 401, Answer: unauthenticated, Logged: []channels.Verdict{channels.VerdictSignatureWrong}},
		{Name: "wrong secret", Header: shown(secret[1:] + "0"), Body: hello, Status: 401, Answer: unauthenticated, Logged: []channels.Verdict{channels.VerdictSignatureWrong}},
		{Name: "the token itself", Header: shown(token), Body: hello, Status: 401, Answer: unauthenticated, Logged: []channels.Verdict{channels.VerdictSignatureWrong}},
		{Name: "junk with a wrong secret", Header: shown("x"), Body: "{", Status: 401, Answer: unauthenticated, Logged: []channels.Verdict{channels.VerdictSignatureWrong}},
		{
			Name: "GET", Method: "GET", Status: 405, AnswerHeader: map[string]string{"Allow": "POST"},
			Answer: `{"error":{"code":"method_not_allowed","message":"method GET: expected POST"}}`,
		},
		{
			Name: "unavailable", Body: update(`"text":"a"`), Posted: posted("a"), Status: 503,
			Err:          &channels.Error{Code: channels.CodeUnavailable, Message: "shutting down", RetryAfter: 3 * time.Second},
			Answer:       `{"error":{"code":"unavailable","message":"shutting down"}}`,
			AnswerHeader: map[string]string{"Retry-After": "3"},
		},
		{
			Name: "over the sender's rate: it comes again", Body: update(`"text":"a"`), Posted: posted("a"), Status: 503,
			Err:          channels.Errorf(channels.CodeRateLimited, "slower"),
			Answer:       `{"error":{"code":"unavailable","message":"slower"}}`,
			AnswerHeader: map[string]string{"Retry-After": "1"},
		},
		{
			Name: "a defect", Body: update(`"text":"a"`), Posted: posted("a"), Status: 503, Err: errors.New("s3cr3t"),
			Answer: `{"error":{"code":"unavailable","message":"internal error, see the log"}}`,
		},
		{Name: "invalid: acknowledged", Body: update(`"text":"a"`), Posted: posted("a"), Err: channels.Errorf(channels.CodeInvalid, "too long"), Answer: "success"},
	}))
}

// TestFixtures takes one update of each kind: none is refused, and a redelivery is the same.
func TestFixtures(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/updates.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	turns := map[string]string{
		"700001": "Hello 👋", "700002": "/ask when?", "700004": "see", "700005": "", "700006": `{"lng":16.37, "lat":48.2}`,
		"700009": "b:7f3a", "700010": "b:7f3b",
	}
	got := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		in := &channeltest.Inbox{}
		for range 2 {
			if w := serve(t, webhook, in, lines.Text(), shown(secret)); w.Code != http.StatusOK {
				t.Errorf("status %d: %s\n%s", w.Code, w.Body, lines.Text())
			}
		}
		if ms := in.Posted(); len(ms) == 2 {
			got[ms[0].ID] = ms[0].Text
			if diff := cmp.Diff(ms[0], ms[1]); diff != "" {
				t.Errorf("a redelivery differs: %s", diff)
			}
		}
	}
	if diff := cmp.Diff(turns, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
