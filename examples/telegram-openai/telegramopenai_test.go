// Package telegramopenai_test runs the two files of this folder as they are.
package telegramopenai_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
	"github.com/manyvox/manyvox/cmd"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

const (
	// owner and stranger are numbers of people at Telegram, crew that of a group.
	owner, stranger, crew = 4201, 4202, -77

	waitTimeout = time.Minute // Only a test that fails waits so long.

	operatorToken = "0perator"

	png   = "\x89PNG\r\n\x1a\n a green circle"
	voice = "OggS what a messenger records"
)

// program is Manyvox as it is built.
func program() cmd.Program {
	return cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: stores.Types()}
}

// TestPerson has the owner write, send a photo and say something, while strangers try the same.
func TestPerson(t *testing.T) { //nolint:paralleltest // it sets the environment that the files read
	p := newPerson(t)
	model := newWire(t, aimock(t), func() {
		p.until("the answer grows", func() bool { return len(p.Chat(owner).Drafts) > 0 })
	})
	p.run(model.url, strconv.Itoa(owner))

	p.Say(stranger, "hello")
	p.SayIn(crew, stranger, "@vox_test_bot hello")
	p.Say(owner, "/start")
	p.hears("Hello! Write to me, send a picture or a voice note. /new begins afresh.")
	p.until("all is taken", func() bool { return p.Pending() == 0 })
	const refused = `manyvox_messages_refused_total{channel="telegram",code="permission_denied"} 2`
	if status, got := p.request(http.MethodGet, "/metrics", ""); status != http.StatusOK || !strings.Contains(got, refused+"\n") {
		t.Errorf("status %d, two strangers are not refused: %s", status, got)
	}
	if got := model.requests(); len(got) != 0 {
		t.Errorf("the model was asked by a stranger: %s", got[0].body)
	}

	p.Say(owner, "hello")
	p.hears("Hello there.\n\nHow are you?")
	chat := p.Chat(owner)
	if len(chat.Drafts) == 0 || chat.Drafts[0] == "" || !strings.HasPrefix("Hello there.\n\nHow are you?", chat.Drafts[0]) {
		t.Errorf("drafts %q", chat.Drafts)
	}
	if last := chat.Messages[len(chat.Messages)-1]; len(last.Entities) != 1 || last.Entities[0].Type != "bold" {
		t.Errorf("styles %+v", last.Entities)
	}
	p.Attach(owner, "photo", "image/png", telegramtest.File{Data: []byte(png), Caption: "look"})
	p.hears("A green circle.")
	p.Attach(owner, "voice", "audio/ogg", telegramtest.File{Data: []byte(voice)})
	p.hears("You said rye.")

	checkRequests(t, model.requests())
	for _, c := range p.Calls() {
		if to := c.Args["chat_id"]; to != nil && fmt.Sprint(to) != strconv.Itoa(owner) {
			t.Errorf("%s to %v: a stranger is answered", c.Method, to)
		}
	}
}

// checkRequests expects a text, a photo and a voice note, each taken by aimock.
func checkRequests(t *testing.T, requests []asked) {
	t.Helper()
	var paths []string
	for _, r := range requests {
		paths = append(paths, fmt.Sprintf("%s %d", r.path, r.status))
	}
	const chat, transcription = "/v1/chat/completions 200", "/v1/audio/transcriptions 200"
	if diff := cmp.Diff([]string{chat, chat, transcription, chat}, paths); diff != "" {
		t.Fatalf("the model is asked (-want +got):\n%s", diff)
	}
	var text struct {
		Model    string
		Messages []struct{ Role, Content string }
	}
	if err := json.Unmarshal(requests[0].body, &text); err != nil {
		t.Fatal(err)
	}
	if last := text.Messages[len(text.Messages)-1]; last.Role != "user" || last.Content != "hello" || !strings.Contains(text.Messages[0].Content, "else in de.") || text.Model != "gpt-4o-mini" {
		t.Errorf("the model is asked %s", requests[0].body)
	}
	if !strings.Contains(string(requests[1].body), "data:image/png;base64,"+base64.StdEncoding.EncodeToString([]byte(png))) {
		t.Errorf("the model does not see the photo: %s", requests[1].body)
	}
	if model, heard := recording(t, requests[2]); model != "whisper-1" || heard != voice {
		t.Errorf("%s hears %q, want the voice: %q", model, heard, requests[2].body)
	}
	if !strings.Contains(string(requests[3].body), "I said rye") {
		t.Errorf("the model is not told what was said: %s", requests[3].body)
	}
}

// recording returns the model that a sound is for, and the sound.
func recording(t *testing.T, r asked) (model, sound string) {
	t.Helper()
	_, params, err := mime.ParseMediaType(r.contentType)
	if err != nil {
		t.Fatal(err)
	}
	form, err := multipart.NewReader(bytes.NewReader(r.body), params["boundary"]).ReadForm(1 << 20)
	if err != nil || len(form.File["file"]) != 1 || len(form.Value["model"]) != 1 {
		t.Fatalf("%v: %q", err, r.body)
	}
	f, err := form.File["file"][0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return form.Value["model"][0], string(data)
}

// TestNobodyYet has the owner learn the number that TELEGRAM_USER_ID takes, as README.md says.
func TestNobodyYet(t *testing.T) { //nolint:paralleltest // it sets the environment that the files read
	p := newPerson(t)
	model := newWire(t, "http://127.0.0.1:1", func() {})
	p.Say(owner, "/start") // both wait, and come in one batch
	p.Say(owner, "hello")
	p.run(model.url, "")
	p.until("the message is taken", func() bool { return p.Pending() == 0 })
	if got := p.log(); !regexp.MustCompile(`refused +` + strconv.Itoa(owner) + ` `).MatchString(got) {
		t.Errorf("the log does not name the sender:\n%s", got)
	}
	if texts := p.Calls("sendMessage"); len(texts) != 0 || len(model.requests()) != 0 {
		t.Errorf("answered: %+v, asked: %d times", texts, len(model.requests()))
	}
}

// TestNoOtherWay finds no way to the model but the bot.
func TestNoOtherWay(t *testing.T) { //nolint:paralleltest // it sets the environment that the files read
	p := newPerson(t)
	model := newWire(t, "http://127.0.0.1:1", func() {})
	p.run(model.url, strconv.Itoa(owner))
	const rpc = "/manyvox.v1.ChannelService/Receive"
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"/webhooks/rest/webhook", `{"sender":"4201","message":"hello"}`, http.StatusNotFound},
		{"/webhooks/telegram/webhook", `{"update_id":1,"message":{"text":"hello"}}`, http.StatusUnauthorized},
		{rpc, `{"sender":"4201","message":"hello"}`, http.StatusNotFound},
		{rpc, `{"channel":"telegram","sender":"4201","message":"hello"}`, http.StatusBadRequest},
	} {
		if status, answer := p.request(http.MethodPost, c.path, c.body); status != c.want {
			t.Errorf("%s %s: %d %s, want %d", c.path, c.body, status, answer, c.want)
		}
	}
	if got := model.requests(); len(got) != 0 {
		t.Errorf("the model is asked: %s", got[0].body)
	}
}

// TestReadmeNames finds each variable of the two files in README.md.
func TestReadmeNames(t *testing.T) {
	t.Parallel()
	var names []string
	readme := read(t, "README.md")
	for _, file := range []string{"credentials.yml", "endpoints.yml"} {
		for _, m := range regexp.MustCompile(`\$\{(\w+)`).FindAllStringSubmatch(read(t, file), -1) {
			names = append(names, m[1])
			if !strings.Contains(readme, "`"+m[1]+"`") {
				t.Errorf("README.md does not have %s of %s", m[1], file)
			}
		}
	}
	if len(names) < 7 {
		t.Errorf("only %v are read", names)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
