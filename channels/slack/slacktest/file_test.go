package slacktest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

const formType = "application/x-www-form-urlencoded"

// get reads an address of the server with a token.
func get(s *slacktest.Server, address, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, address, http.NoBody)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// upload uploads a file in three steps, its bytes as they are or as a part of a form.
func upload(t *testing.T, s *slacktest.Server, name, data string, asPart bool) string {
	t.Helper()
	a := send(t, s, "files.getUploadURLExternal", formType, fmt.Sprintf("token=%s&filename=%s&length=%d&alt_txt=what+it+is", token, name, len(data)), nil)
	if !a.OK {
		t.Fatalf("%+v", a)
	}
	body, contentType := bytes.NewBufferString(data), "application/octet-stream"
	if asPart {
		body.Reset()
		w := multipart.NewWriter(body)
		part, _ := w.CreateFormFile("file", name)
		part.Write([]byte(data))
		w.Close()
		contentType = w.FormDataContentType()
	}
	r := httptest.NewRequest(http.MethodPost, a.UploadURL, body)
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 200 || w.Body.String() != fmt.Sprintf("OK - %d", len(data)) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return a.FileID
}

// TestUpload shares files in a thread.
func TestUpload(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	root := s.Person(slacktest.Ina).Say("C1", "hi")
	one, two := upload(t, s, "a.png", "png", false), upload(t, s, "b.bin", "bytes", true)
	complete := fmt.Sprintf(`{"files":[{"id":%q,"title":"A"},{"id":%q}],"channel_id":"C1","thread_ts":%q,"initial_comment":"here"}`, one, two, root)
	if a := call(t, s, token, "files.completeUploadExternal", complete); !a.OK {
		t.Fatalf("%+v", a)
	}
	if a := call(t, s, token, "files.completeUploadExternal", complete); a.Error != "file_not_found" {
		t.Errorf("twice: %+v", a)
	}
	c := s.Chat("C1")
	if m := c.Thread(root)[1]; m.Text != "here" || len(m.Files) != 2 || !m.FromBot {
		t.Errorf("%+v", m)
	}
	f, ok := s.File(one)
	if !ok || f.Title != "A" || f.Alt != "what it is" || f.MIME != "image/png" || string(f.Data) != "png" {
		t.Errorf("%+v", f)
	}
	if f, _ := s.File(two); string(f.Data) != "bytes" {
		t.Errorf("%+v", f)
	}
}

// TestUploadRefuses what was not announced.
func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	a := send(t, s, "files.getUploadURLExternal", formType, "token="+token+"&filename=a&length=3", nil)
	post := func(body string) int {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, a.UploadURL, strings.NewReader(body)))
		return w.Code
	}
	if got := []int{post("long"), post("abc"), post("abc")}; fmt.Sprint(got) != "[400 200 404]" {
		t.Error(got)
	}
	if a := send(t, s, "files.getUploadURLExternal", formType, "token="+token+"&filename=a&length=0", nil); a.Error != "invalid_arguments" {
		t.Errorf("%+v", a)
	}
}

// TestDownload needs the token of the workspace: without one there is a page to log in, with 200.
func TestDownload(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{BaseURL: "https://slack.test", Teams: []slacktest.Team{{ID: "T2"}}}, &app{}, func(t *testing.T, b bubble) {
		ina := b.Person(slacktest.Ina)
		ina.Upload(ina.DM(), "see", slacktest.File{Name: "a.pdf", Data: []byte("%PDF")})
		synctest.Wait()
		var e struct {
			Event struct {
				Subtype string
				Files   []struct {
					Mimetype string
					Size     int
					URL      string `json:"url_private_download"`
				}
			}
		}
		if err := json.Unmarshal([]byte(b.app.all()[0].body), &e); err != nil {
			t.Fatal(err)
		}
		f := e.Event.Files[0]
		if e.Event.Subtype != "file_share" || f.Mimetype != "application/pdf" || f.Size != 4 || !strings.HasPrefix(f.URL, "https://slack.test/files-pri/") {
			t.Errorf("%+v", e)
		}
		if w := get(b.Server, f.URL, token); w.Body.String() != "%PDF" || w.Header().Get("Content-Type") != "application/pdf" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		for _, wrong := range []string{"", "xoxb-x"} {
			if w := get(b.Server, f.URL, wrong); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || strings.Contains(w.Body.String(), "%PDF") {
				t.Errorf("%q: %d %s", wrong, w.Code, w.Body)
			}
		}
		if w := get(b.Server, f.URL, "xoxb-fake-T2"); w.Code != 404 {
			t.Errorf("another workspace: %d", w.Code)
		}
	})
}
