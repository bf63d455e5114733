package service_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// mediaChannel is a channel whose platform keeps the media "F1", "page" and "endless".
type mediaChannel struct{ *servicetest.FakeChannel }

func (mediaChannel) Fetch(_ context.Context, ref string) (channels.Medium, error) {
	switch ref {
	case "F1":
		return channels.Medium{ReadCloser: io.NopCloser(strings.NewReader("of F1")), MIME: "image/png", Name: "ä.png", Size: 5}, nil
	case "page":
		return channels.Medium{ReadCloser: io.NopCloser(strings.NewReader("<script>")), MIME: "text/html"}, nil
	case "endless":
		return channels.Medium{ReadCloser: io.NopCloser(zeros{})}, nil
	}
	return channels.Medium{}, channels.Errorf(channels.CodeNotFound, "the platform has no such file")
}

var _ channels.Media = mediaChannel{}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// mediaConfig opens a mediaChannel.
type mediaConfig struct{ platform *servicetest.FakePlatform }

func (*mediaConfig) Validate() error { return nil }

func (c *mediaConfig) Open(env channels.Env) (channels.Channel, error) {
	return mediaChannel{c.platform.Channel(env.Name)}, nil
}

// mediaAgent replies with the bytes of each attachment, and keeps the turns that it saw.
type mediaAgent struct {
	// fail is asked first; nil never fails.
	fail func(ctx context.Context, t agents.Turn) error

	mu    sync.Mutex
	turns []agents.Turn
}

func (a *mediaAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	a.mu.Lock()
	a.turns = append(a.turns, t)
	a.mu.Unlock()
	if a.fail != nil {
		if err := a.fail(ctx, t); err != nil {
			return err
		}
	}
	for _, attachment := range t.Message.Attachments {
		if attachment.Type == "unread" {
			continue
		}
		m, err := t.Open(ctx, attachment)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(m)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("%s%s|%s|%d|%s", servicetest.Private, m.MIME, m.Name, m.Size, content)
		if err := r.Reply(ctx, channels.Reply{Text: text}); err != nil {
			return err
		}
	}
	return nil
}

func (a *mediaAgent) seen() []agents.Turn {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.turns)
}

// mediaHarness is a service with the channels mail (a platform that keeps its media), chat
// (one that keeps none) and rest.
type mediaHarness struct {
	*servicetest.Harness
	agent *mediaAgent
}

func newMediaHarness(t *testing.T, a *mediaAgent, p *servicetest.FakePlatform, j journal.Journal) mediaHarness {
	t.Helper()
	mail := channels.Type{Name: "mail", New: func() channels.Config { return &mediaConfig{p} }}
	links := instance.NewLinks("https://bot.example/x")
	links.UseKey("key")
	return mediaHarness{servicetest.NewHarness(t, p, service.Config{
		Channels: servicetest.Channels(t, "rest:\nmail:\nchat: {type: platform}\nguarded: {type: rest, token: t0ken}\n", p.Type(), mail),
		Agent:    a, Journal: j, Links: links,
	}), a}
}

// call sends a request and returns status and body of the answer.
func (h mediaHarness) call(t *testing.T, method, path, contentType, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	return servicetest.Do(t, h.HTTP1, req)
}

// upload uploads an image to a channel and returns its ref.
func (h mediaHarness) upload(t *testing.T, channel, content string) string {
	t.Helper()
	status, answer := h.call(t, http.MethodPost, "/webhooks/"+channel+"/media?name=a.png&token=t0ken", "image/png", content)
	var body struct{ Ref string }
	if err := json.Unmarshal([]byte(answer), &body); err != nil || status != http.StatusOK || body.Ref == "" {
		t.Fatalf("upload: status %d, %s", status, answer)
	}
	return body.Ref
}

// say posts a message to the webhook of a channel and checks status and a part of the answer.
func (h mediaHarness) say(t *testing.T, channel, body string, wantStatus int, want string) {
	t.Helper()
	status, answer := h.call(t, http.MethodPost, "/webhooks/"+channel+"/webhook", "application/json", body)
	if status != wantStatus || !strings.Contains(answer, want) {
		t.Errorf("%s: status %d, %s; want %d and %s", body, status, answer, wantStatus, want)
	}
}

// wantKept checks whether the journal keeps a medium of a channel.
func (h mediaHarness) wantKept(t *testing.T, channel, ref string, want bool) {
	t.Helper()
	m, err := h.Journal.Medium(t.Context(), channel, ref)
	if err != nil || (m != nil) != want {
		t.Errorf("the journal keeps %s: %v, error %v; want %v", ref, m != nil, err, want)
	}
}

// eachMediaHarness runs a test in a bubble with each journal; reopen starts the service again.
func eachMediaHarness(t *testing.T, test func(t *testing.T, h mediaHarness, reopen func() mediaHarness)) {
	t.Helper()
	eachJournal(t, func(t *testing.T, open func() journal.Journal) {
		a, p := &mediaAgent{}, &servicetest.FakePlatform{}
		h := newMediaHarness(t, a, p, open())
		test(t, h, func() mediaHarness {
			h.Stop(t)
			return newMediaHarness(t, a, p, open())
		})
	})
}

// What a platform keeps is read in process, by its ref.
func TestMediaOfPlatform(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		h.say(t, "mail", `{"sender":"ann","message_id":"1","attachments":[{"type":"image","ref":"F1"}]}`, http.StatusOK, "ok")
		h.say(t, "mail", `{"sender":"bob","message_id":"1","attachments":[{"type":"image","ref":"gone"}]}`, http.StatusOK, "ok")
		h.say(t, "mail", `{"sender":"eve","message_id":"1","attachments":[{"type":"image","ref":"endless"}]}`, http.StatusOK, "ok")
		synctest.Wait()
		if diff := cmp.Diff([]string{"image/png|ä.png|5|of F1"}, h.Accepted("mail", "ann")); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		letters, err := h.Journal.DeadLetters(t.Context(), "", 0, 9)
		if err != nil {
			t.Fatal(err)
		}
		reasons := map[string]string{}
		for _, d := range letters {
			reasons[d.Message.Sender] = d.Reason
		}
		want := map[string]string{
			"bob": "not_found: the platform has no such file", "eve": "too_large: the medium is larger than 20971520 bytes",
		}
		if diff := cmp.Diff(want, reasons); diff != "" {
			t.Errorf("given up (-want +got):\n%s", diff)
		}
		h.say(t, "chat", `{"attachments":[{},{"ref":"F1"}]}`, http.StatusBadRequest, `attachments[1].ref: not that of an upload`)
	})
}

// A turn tells the attempt, what its channel is, and has a link of its own at each attempt.
func TestMediaTurn(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		h.agent.fail = func(_ context.Context, t agents.Turn) error {
			if t.Attempt < 3 {
				return &channels.Error{Code: channels.CodeAgentFailed, Message: "fails", RetryAfter: time.Minute}
			}
			return nil
		}
		h.say(t, "mail", `{"message_id":"1","attachments":[{"type":"image","ref":"F1","url":"https://x.example"},{"type":"unread","url":"https://y.example"}]}`, http.StatusOK, "ok")
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		turns := h.agent.seen()
		if len(turns) != 3 {
			t.Fatalf("%d attempts", len(turns))
		}
		urls := map[string]bool{}
		for i, turn := range turns {
			if turn.Attempt != i+1 || turn.Channel.Type != "mail" || !slices.Contains(turn.Channel.Capabilities, "media") {
				t.Errorf("attempt %d: %d, %+v", i+1, turn.Attempt, turn.Channel)
			}
			urls[turn.Message.Attachments[0].URL] = true
			if got := turn.Message.Attachments[1].URL; got != "https://y.example" {
				t.Errorf("the url of an attachment without a ref is %s", got)
			}
		}
		if len(urls) != 3 {
			t.Errorf("the links are %v", urls)
		}
	})
}

// An upload is read by the turn of the one message that holds it, and is gone after that.
func TestUpload(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		ref := h.upload(t, "rest", "bytes")
		ask := func(id string) string {
			return fmt.Sprintf(`{"sender":"ann","message_id":%q,"attachments":[{"type":"image","ref":%q}]}`, id, ref)
		}
		h.say(t, "rest", ask("1"), http.StatusOK, "image/png|a.png|5|bytes")
		h.wantKept(t, "rest", ref, false)
		h.say(t, "rest", ask("1"), http.StatusOK, "image/png|a.png|5|bytes") // the same message
		h.say(t, "rest", ask("2"), http.StatusBadRequest, "attachments[0].ref: no upload that this message may use")
		h.say(t, "rest", ask(""), http.StatusBadRequest, "attachments[0].ref")
		other := h.upload(t, "guarded", "x")
		h.say(t, "rest", fmt.Sprintf(`{"attachments":[{"ref":%q}]}`, other), http.StatusBadRequest, "attachments[0].ref")
		if n := len(h.agent.seen()); n != 1 {
			t.Errorf("%d turns", n)
		}
	})
}

// An upload of nobody's is gone after an hour.
func TestUnusedUpload(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, reopen func() mediaHarness) {
		ref := h.upload(t, "rest", "bytes")
		time.Sleep(59 * time.Minute)
		h = reopen()
		h.wantKept(t, "rest", ref, true)
		time.Sleep(2 * time.Minute)
		h.wantKept(t, "rest", ref, false)
		h.say(t, "rest", fmt.Sprintf(`{"attachments":[{"ref":%q}]}`, ref), http.StatusBadRequest, "attachments[0].ref")
		use, _, err := h.Journal.MediaUse(t.Context(), "rest", "")
		if err != nil || use.Count != 0 {
			t.Errorf("%d media are kept, error %v", use.Count, err)
		}
	})
}

// The media of a stored message outlive retries and the program, stay with its dead letter,
// and are gone when the message is answered or forgotten.
func TestMediaAreKept(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, reopen func() mediaHarness) {
		ref := h.upload(t, "chat", "bytes")
		fails := true
		h.agent.fail = func(ctx context.Context, _ agents.Turn) error {
			if fails {
				<-ctx.Done()
			}
			return ctx.Err()
		}
		h.say(t, "chat", fmt.Sprintf(`{"sender":"ann","message_id":"1","attachments":[{"ref":%q},{"content":"aW5saW5l","mime":"text/plain"}]}`, ref), http.StatusOK, "ok")
		time.Sleep(10 * time.Second)
		h = reopen() // in the middle of the turn
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		if diff := cmp.Diff([]string{"failed 1"}, idsOfDead(t, h.Journal)); diff != "" {
			t.Fatalf("dead letters (-want +got):\n%s", diff)
		}
		h.wantKept(t, "chat", ref, true)
		fails = false
		letters, err := h.Journal.DeadLetters(t.Context(), "", 0, 9)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Journal.Replay(t.Context(), letters[0].ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"image/png|a.png|5|bytes", "text/plain||6|inline"}, h.Accepted("chat", "ann")); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		h.wantKept(t, "chat", ref, false)
		if use, _, err := h.Journal.MediaUse(t.Context(), "chat", "ann"); err != nil || use.Count != 0 {
			t.Errorf("%d media are kept, error %v", use.Count, err)
		}
	})
}

// idsOfDead returns kind and message id of each dead letter.
func idsOfDead(t *testing.T, j journal.Journal) (list []string) {
	t.Helper()
	letters, err := j.DeadLetters(t.Context(), "", 0, 9)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range letters {
		list = append(list, d.Kind+" "+d.Message.ID)
	}
	return list
}

// Content is stored at the door under a ref, which the record shows in its place. The same
// message with the same content is one message, with another content it is refused.
func TestContent(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, reopen func() mediaHarness) {
		ask := func(content string) string {
			return fmt.Sprintf(`{"sender":"ann","message_id":"1","attachments":[{"type":"file","name":"n","content":%q}]}`,
				base64.StdEncoding.EncodeToString([]byte(content)))
		}
		h.say(t, "rest", ask("secret"), http.StatusOK, "|n|6|secret")
		h.say(t, "rest", ask("secret"), http.StatusOK, "|n|6|secret")
		h.say(t, "rest", ask("secreT"), http.StatusConflict, "already_exists")
		h = reopen()
		h.say(t, "rest", ask("secret"), http.StatusOK, "|n|6|secret")
		h.say(t, "rest", ask("secreT"), http.StatusConflict, "already_exists")
		if n := len(h.agent.seen()); n != 1 {
			t.Errorf("%d turns", n)
		}
		h.say(t, "rest", `{"attachments":[{"content":"aGk="}]}`, http.StatusOK, "||2|hi")
		h.say(t, "rest", `{"attachments":[{"content":"aGk=","ref":"r"}]}`, http.StatusBadRequest, "attachments[0].content: not beside a ref or a url")
		h.say(t, "rest", `{"attachments":[{"content":"?"}]}`, http.StatusBadRequest, `attachments[0].content\": expected a string of base64`)
		if use, _, err := h.Journal.MediaUse(t.Context(), "rest", "ann"); err != nil || use.Count != 0 {
			t.Errorf("%d media are kept, error %v", use.Count, err)
		}
		for _, e := range servicetest.Events(t, h.Journal) {
			if e.Kind != channels.EventMessage {
				continue
			}
			if a := e.Message.Attachments[0]; a.Content != nil || !strings.HasPrefix(a.Ref, "upload-") || a.Size == 0 || a.URL != "" {
				t.Errorf("the record has %+v", a)
			}
		}
	})
}

// An ask that fails keeps its media for the repeat.
func TestMediaOfFailedAsk(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		ref := h.upload(t, "rest", "bytes")
		h.agent.fail = func(_ context.Context, t agents.Turn) error {
			if t.Attempt == 1 {
				return channels.Errorf(channels.CodeAgentFailed, "fails")
			}
			return nil
		}
		ask := fmt.Sprintf(`{"message_id":"1","attachments":[{"ref":%q}]}`, ref)
		h.say(t, "rest", ask, http.StatusBadGateway, "agent_failed")
		h.say(t, "rest", ask, http.StatusOK, "|5|bytes")
		h.wantKept(t, "rest", ref, false)
	})
}

// Forgetting a conversation deletes its media.
func TestMediaAreForgotten(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		ref := h.upload(t, "chat", "bytes")
		h.agent.fail = func(context.Context, agents.Turn) error {
			return channels.Errorf(channels.CodeInvalid, "fails")
		}
		h.say(t, "chat", fmt.Sprintf(`{"sender":"ann","message_id":"1","attachments":[{"ref":%q}]}`, ref), http.StatusOK, "ok")
		synctest.Wait()
		h.wantKept(t, "chat", ref, true)
		if _, err := h.Journal.Forget(t.Context(), channels.Conversation{Channel: "chat", Sender: "ann"}); err != nil {
			t.Fatal(err)
		}
		h.wantKept(t, "chat", ref, false)
	})
}

// A URL that a message brings is never dialled inside.
func TestMediaOfPrivateURL(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		errs := make(chan error, 9)
		h.agent.fail = func(ctx context.Context, t agents.Turn) error {
			for _, a := range t.Message.Attachments {
				_, err := t.Open(ctx, a)
				errs <- err
			}
			return channels.Errorf(channels.CodeInvalid, "done")
		}
		h.say(t, "rest", `{"attachments":[{"url":"http://127.0.0.1:9/"},{"url":"http://169.254.169.254/latest"},{"url":"file:///etc/passwd"},{}]}`, http.StatusBadRequest, "done")
		for _, want := range []string{"not a public address", "not a public address", "neither a ref nor a url", "neither a ref nor a url"} {
			if err := <-errs; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %s", err, want)
			}
		}
	})
}

// A link opens its medium for an hour, without a token, and no browser shows it as a page.
func TestMediaLinks(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		turnGoesOn := make(chan struct{})
		h.agent.fail = func(context.Context, agents.Turn) error { <-turnGoesOn; return nil }
		svg := base64.StdEncoding.EncodeToString([]byte("<svg/>"))
		h.say(t, "mail", `{"message_id":"1","attachments":[{"ref":"F1"},{"ref":"page"},{"ref":"gone"},{"ref":"endless"},{"content":"`+svg+`","mime":"image/svg+xml"}]}`, http.StatusOK, "ok")
		synctest.Wait()
		link := func(i int) string { return h.agent.seen()[0].Message.Attachments[i].URL }
		for i, want := range []string{
			`200 image/png inline; filename*=utf-8''%C3%A4.png "of F1"`, `200 text/html attachment "<script>"`,
			`404 application/json  "{\"error\":{\"code\":\"not_found\",\"message\":\"the platform has no such file\"}}"`,
			``, `200 image/svg+xml attachment "<svg/>"`,
		} {
			if want == "" {
				continue
			}
			res, body := h.open(t, http.MethodGet, link(i))
			got := fmt.Sprintf("%d %s %s %q", res.StatusCode, res.Header.Get("Content-Type"), res.Header.Get("Content-Disposition"), body)
			if got != want {
				t.Errorf("attachment %d: %s\nwant %s", i, got, want)
			}
			if res.StatusCode == http.StatusOK && (res.Header.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.Contains(res.Header.Get("Content-Security-Policy"), "sandbox")) {
				t.Errorf("attachment %d: header %v", i, res.Header)
			}
		}
		if res, body := h.open(t, http.MethodHead, link(0)); res.StatusCode != http.StatusOK || len(body) != 0 || res.ContentLength != 5 {
			t.Errorf("HEAD: status %d, %q, %d bytes", res.StatusCode, body, res.ContentLength)
		}
		for path, want := range map[string]int{
			strings.Replace(link(0), "expires=", "expires=9", 1): http.StatusForbidden,
			strings.Replace(link(0), "/mail/", "/chat/", 1):      http.StatusForbidden,
			link(0)[:strings.Index(link(0), "?")]:                http.StatusForbidden,
		} {
			if res, body := h.open(t, http.MethodGet, path); res.StatusCode != want || !bytes.Contains(body, []byte(`"code"`)) {
				t.Errorf("%s: status %d, %s", path, res.StatusCode, body)
			}
		}
		if res, _ := h.open(t, http.MethodPost, link(0)); res.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("POST: status %d", res.StatusCode)
		}
		if n := h.openEndless(t, link(3)); n > channels.MaxMedium {
			t.Errorf("%d bytes of an endless medium", n)
		}
		time.Sleep(time.Hour)
		if res, body := h.open(t, http.MethodGet, link(0)); res.StatusCode != http.StatusGone {
			t.Errorf("after an hour: status %d, %s", res.StatusCode, body)
		}
		close(turnGoesOn)
	})
}

// open requests a link as the outside does, through what stands before the program.
func (h mediaHarness) open(t *testing.T, method, link string) (*http.Response, []byte) {
	t.Helper()
	path, ok := strings.CutPrefix(link, "https://bot.example/x")
	if !ok {
		t.Fatalf("the link is %q", link)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := h.HTTP1.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

// openEndless reads a link until it breaks off, and returns how many bytes there were.
func (h mediaHarness) openEndless(t *testing.T, link string) int64 {
	t.Helper()
	path, _ := strings.CutPrefix(link, "https://bot.example/x")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := h.HTTP1.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil {
		t.Error("an endless medium ends well")
	}
	return n
}

// What is no upload is refused, each in words of its own.
func TestUploadRefused(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		for _, c := range []struct {
			name, method, path, contentType, body string
			status                                int
			want                                  string
		}{
			{"no token", "POST", "guarded/media", "image/png", "x", 401, "a token is needed"},
			{"a platform keeps the media", "POST", "mail/media", "image/png", "x", 409, "its platform keeps the media"},
			{"not posted", "GET", "rest/media", "", "", 405, "media are uploaded by POST"},
			{"nothing", "POST", "rest/media", "image/png", "", 400, "the body is empty"},
			{"too large", "POST", "rest/media", "image/png", strings.Repeat("x", 5<<20+1), 413, "5242880 bytes"},
			{"a form", "POST", "rest/media", "multipart/form-data; boundary=b", "x", 400, "a form"},
			{"no media type", "POST", "rest/media", "image", "x", 400, "Content-Type: expected a media type"},
			{"a long name", "POST", "rest/media?name=" + strings.Repeat("x", 257), "image/png", "x", 400, "name: 257 bytes"},
			{"a name of two lines", "POST", "rest/media?name=a%0Ab", "image/png", "x", 400, "name: expected one line"},
			{"an unknown channel", "POST", "nowhere/media", "image/png", "x", 404, "no channel"},
		} {
			status, answer := h.call(t, c.method, "/webhooks/"+c.path, c.contentType, c.body)
			if status != c.status || !strings.Contains(answer, c.want) {
				t.Errorf("%s: status %d, %s", c.name, status, answer)
			}
		}
		if status, answer := h.call(t, http.MethodPost, "/webhooks/rest/media/", "image/png", strings.Repeat("x", 5<<20)); status != http.StatusOK {
			t.Errorf("as large as may be: status %d, %s", status, answer)
		}
	})
}

// A sender has a share of what is kept, and no other suffers for it. What was put in for one
// sender is not another's.
func TestMediaShares(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		var ref string
		for range 100 {
			_, ref = h.call(t, http.MethodPost, "/webhooks/rest/media?sender=ann", "", "x")
		}
		status, answer := h.call(t, http.MethodPost, "/webhooks/rest/media?sender=ann", "", "x")
		if status != http.StatusTooManyRequests || !strings.Contains(answer, "too many media of this sender") {
			t.Errorf("status %d, %s", status, answer)
		}
		h.say(t, "rest", `{"sender":"ann","attachments":[{"content":"aGk="}]}`, http.StatusTooManyRequests, "too many media of this sender")
		h.say(t, "rest", `{"sender":"bob","attachments":[{"content":"aGk="}]}`, http.StatusOK, "||2|hi")
		ref = strings.TrimSuffix(strings.TrimPrefix(ref, `{"ref":"`), `"}`)
		h.say(t, "rest", fmt.Sprintf(`{"sender":"bob","attachments":[{"ref":%q}]}`, ref), http.StatusBadRequest, "attachments[0].ref")
		h.say(t, "rest", fmt.Sprintf(`{"sender":"ann","attachments":[{"ref":%q}]}`, ref), http.StatusOK, "|1|x")
	})
}
