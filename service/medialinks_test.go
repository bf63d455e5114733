package service_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// A link opens its medium for an hour, without a token, and no browser shows it as a page.
func TestMediaLinks(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		turnGoesOn := make(chan struct{})
		h.agent.fail = func(context.Context, agents.Turn) error { <-turnGoesOn; return nil }
		svg := base64.StdEncoding.EncodeToString([]byte("<svg/>"))
		h.say(t, "mail", `{"message_id":"1","attachments":[{"ref":"F1"},{"ref":"page"},{"ref":"gone"},{"content":"`+svg+`","mime":"image/svg+xml"}]}`, http.StatusOK, "ok")
		synctest.Wait()
		link := func(i int) string { return h.agent.seen()[0].Message.Attachments[i].URL }
		for i, want := range []string{
			`200 image/png inline; filename*=utf-8''%C3%A4.png "of F1"`, `200 text/html attachment "<script>"`,
			`404 application/json  "{\"error\":{\"code\":\"not_found\",\"message\":\"the platform has no such file\"}}"`,
			`200 image/svg+xml attachment "<svg/>"`,
		} {
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
		close(turnGoesOn)
	})
}

// A link that was changed opens nothing, one whose time is over neither, and one to what does
// not end is cut off.
func TestMediaLinksRefused(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		turnGoesOn := make(chan struct{})
		h.agent.fail = func(context.Context, agents.Turn) error { <-turnGoesOn; return nil }
		h.say(t, "mail", `{"message_id":"1","attachments":[{"ref":"F1"},{"ref":"endless"}]}`, http.StatusOK, "ok")
		synctest.Wait()
		link := func(i int) string { return h.agent.seen()[0].Message.Attachments[i].URL }
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
		if n := h.openEndless(t, link(1)); n > channels.MaxMedium {
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
