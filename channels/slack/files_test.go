package slack_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// part is a part for Ina, or with a ts for the thread of what she has written in a channel.
func part(ts string, r channels.Reply) channels.Part {
	address := slacktest.Ina + "//" + slacktest.Ina + "/" + slacktest.TeamID + "/"
	if ts != "" {
		address = crew + "/" + ts + "/" + slacktest.Ina + "/" + slacktest.TeamID + "/"
	}
	return channels.Part{Sender: slacktest.Ina, Address: address, Reply: r}
}

// TestUpload shows files whose bytes the assistant gives.
func TestUpload(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name  string
		reply channels.Reply
		file  string
		data  string
	}{
		{"image", channels.Reply{Image: "data:image/png;base64,iVBO"}, "file.png", "\x89\x50\x4e"},
		{"attachment", channels.Reply{Attachment: json.RawMessage(`{"type":"file","name":"a.txt","url":"data:text/plain,a%20b"}`)}, "a.txt", "a b"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			c, s, ts := streaming(t, "")
			for _, thread := range []string{ts, ""} { // in a thread, and to Ina herself
				receipts, err := deliver(t, c, part(thread, x.reply))
				if err != nil {
					t.Fatal(err)
				}
				f, ok := s.File(receipts[0].ID)
				if !ok || f.Name != x.file || string(f.Data) != x.data {
					t.Errorf("%+v", f)
				}
			}
			if m := last(t, s); len(m.Files) != 1 || m.Thread != ts {
				t.Errorf("%+v", m)
			}
			chat := s.Chat(slacktest.DM(slacktest.Ina))
			if len(chat.Messages) != 1 || len(chat.Messages[0].Files) != 1 {
				t.Errorf("%+v", chat.Messages)
			}
		})
	}
}

// TestUploadFails classes what goes wrong with an upload.
func TestUploadFails(t *testing.T) {
	t.Parallel()
	image := channels.Reply{Image: "data:image/png;base64,iVBO"}
	for method, x := range map[string]struct {
		code string
		want channels.SendClass
	}{
		"files.getUploadURLExternal":   {"file_upload_size_restricted", channels.SendRejected},
		"files.completeUploadExternal": {"not_in_channel", channels.SendGone},
	} {
		c, s, ts := streaming(t, "")
		s.Fail(method, x.code)
		if _, err := deliver(t, c, part(ts, image)); channels.AsSendError(err).Class != x.want || channels.AsSendError(err).Code != x.code {
			t.Errorf("%s: %v", method, err)
		}
	}
	c, s, ts := streaming(t, "")
	if _, err := deliver(t, c, part(ts, channels.Reply{Image: "data:image/png;base64,!"})); channels.AsSendError(err).Class != channels.SendRejected || len(s.Calls()) > 0 {
		t.Errorf("no data: URL: %v", err)
	}
	elsewhere := open(t, webhook+"\napi_base_url: "+fakeAnswer(t, `{"ok":true,"upload_url":"https://evil.test/upload","file_id":"F1"}`))
	if _, err := deliver(t, elsewhere, part(ts, image)); channels.AsSendError(err).Class != channels.SendRejected {
		t.Errorf("an upload to another host: %v", err)
	}
	// The bytes did not arrive: nobody has seen anything of it.
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			panic(http.ErrAbortHandler)
		}
		channeltest.Answer(200, `{"ok":true,"upload_url":"`+server.URL+`/upload","file_id":"F1"}`)(w, r)
	}))
	t.Cleanup(server.Close)
	if _, err := deliver(t, open(t, webhook+"\napi_base_url: "+server.URL+"/api"), part(ts, image)); channels.AsSendError(err).Class != channels.SendUnavailable {
		t.Errorf("broken off: %v", err)
	}
}

// TestFetch gets what a person has sent, by its id.
func TestFetch(t *testing.T) {
	t.Parallel()
	s, address := fake(t, slacktest.Options{})
	c := open(t, webhook+"\napi_base_url: "+address)
	s.Person(slacktest.Ina).Upload(slacktest.DM(slacktest.Ina), "see", slacktest.File{Name: "a.txt", MIME: "text/plain", Data: []byte("hello")})
	chat := s.Chat(slacktest.DM(slacktest.Ina))
	id := chat.Messages[0].Files[0]
	m, err := c.Fetch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	data, err := io.ReadAll(m)
	if err != nil || string(data) != "hello" || m.Size != 5 || m.Name != "a.txt" || m.MIME != "text/plain" {
		t.Errorf("%q, %v, %+v", data, err, m)
	}
	for code, want := range map[string]channels.Code{"file_not_found": channels.CodeNotFound, "internal_error": channels.CodeUnavailable, "missing_scope": channels.CodeUnavailable} {
		s.Fail("files.info", code)
		if _, err := c.Fetch(t.Context(), id); channels.AsError(err).Code != want {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// TestFetchElsewhere takes no page to log in for a file, and gives nobody else the token.
func TestFetchElsewhere(t *testing.T) {
	t.Parallel()
	var info, kind, body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			_, _ = io.WriteString(w, info)
			return
		}
		if r.Header.Get("Authorization") != "Bearer "+token {
			t.Errorf("%s: Authorization %q", r.URL, r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s is fetched, with %q", r.URL, r.Header) }))
	t.Cleanup(evil.Close)
	c := open(t, webhook+"\napi_base_url: "+server.URL+"/api")
	for _, x := range []struct{ name, address, mime, kind, want string }{
		{"a page to log in", server.URL + "/f", "image/png", "text/html; charset=utf-8", "files:read"},
		{"a page that was sent", server.URL + "/f", "text/html", "text/html", ""},
		{"another host", evil.URL + "/f", "image/png", "image/png", "at another address"},
		{"no address", "", "image/png", "image/png", "at another address"},
		{"another scheme", "file:///etc/passwd", "image/png", "image/png", "at another address"},
	} {
		info, kind, body = `{"ok":true,"file":{"id":"F1","mimetype":"`+x.mime+`","url_private":"`+x.address+`"}}`, x.kind, "<html>"
		m, err := c.Fetch(t.Context(), "F1")
		if (err == nil) != (x.want == "") || err != nil && !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.name, err)
		}
		if err == nil {
			m.Close()
		}
	}
}

// TestCommandAnswer answers a slash command by its response_url, and in the channel once that is
// used up.
func TestCommandAnswer(t *testing.T) {
	t.Parallel()
	s, address := fake(t, slacktest.Options{})
	in := &channeltest.Inbox{}
	c := open(t, socket+"\napi_base_url: "+address)
	ina := s.Person(slacktest.Ina)
	ina.Say(crew, "hi")
	s.Leave(crew)
	run(t, c, in)
	waitFor(t, s, "a socket is open", func() bool { return s.Sockets() == 1 })
	ina.Command(crew, "/ask", "when?")
	waitFor(t, s, "the command is taken", func() bool { return len(in.Posted()) == 1 })
	to := channels.Part{Sender: slacktest.Ina, Address: in.Posted()[0].Address, Reply: channels.Reply{Text: "now", Buttons: []channels.Button{{Title: "Yes", Payload: "/yes"}}}}
	for range 5 {
		if _, err := deliver(t, c, to); err != nil {
			t.Fatal(err)
		}
	}
	if m := last(t, s); m.OnlyFor != slacktest.Ina || m.Reads() != "now\n[Yes]" && !strings.Contains(m.Reads(), "now") {
		t.Errorf("%+v", m)
	}
	if _, err := deliver(t, c, to); channels.AsSendError(err).Code != "not_in_channel" {
		t.Errorf("used up, where the app is no member: %v", err)
	}
	s.Join(crew)
	if receipts, err := deliver(t, c, to); err != nil || receipts[0].ID != last(t, s).TS {
		t.Errorf("used up: %v, %v", receipts, err)
	}
	to.Address = crew + "//" + slacktest.Ina + "//https:%2F%2Fevil.test%2F"
	if _, err := deliver(t, c, to); channels.AsSendError(err).Class != channels.SendRejected {
		t.Errorf("at another host: %v", err)
	}
}
