package service_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

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
		another := strings.Replace(ask("1"), `"ref"`, `"url":"https://x.example","ref"`, 1)
		h.say(t, "rest", another, http.StatusOK, "image/png|a.png|5|bytes") // the ref stands for the url
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
