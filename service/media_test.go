package service_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

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

// An ask that has not reached the agent keeps its media for the repeat.
func TestMediaOfFailedAsk(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		ref := h.upload(t, "rest", "bytes")
		h.agent.fail = func(_ context.Context, t agents.Turn) error {
			if t.Attempt == 1 {
				return agents.NotReached(channels.Errorf(channels.CodeAgentFailed, "fails"))
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
