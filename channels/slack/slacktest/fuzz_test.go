package slacktest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// FuzzCall answers every call with JSON, whatever is in it.
func FuzzCall(f *testing.F) {
	f.Add("chat.postMessage", in("C1", "a", `"thread_ts":"1.000001"`))
	f.Add("chat.postMessage", blocks(section("a"), actions(button("a", "Yes", "v")), menu(option("o", "v"))))
	f.Add("chat.postMessage", blocks(`{"type":"context","elements":[{"type":"image","image_url":"https://x.test/a.png","alt_text":"a"}]}`))
	f.Add("chat.startStream", in("C1", "", `"thread_ts":"1.000001","chunks":[{"type":"markdown_text","text":"a"}]`))
	f.Add("chat.update", in("C1", "a", `"ts":"1.000001"`))
	f.Add("users.list", `{"limit":1,"cursor":"2"}`)
	f.Add("files.completeUploadExternal", `{"files":[{"id":"F1"}],"channels":"C1,C2"}`)
	f.Fuzz(func(t *testing.T, method, body string) {
		s := slacktest.New(slacktest.Options{Rates: true})
		defer s.Close()
		s.Person(slacktest.Ina).Say("C1", "hi")
		r := httptest.NewRequest(http.MethodPost, "/api/", strings.NewReader(body))
		r.URL.Path += method
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var a told
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || a.OK == (a.Error != "") {
			t.Errorf("%v: %s", err, w.Body)
		}
		s.Person(slacktest.Ina).Click("C1", "Yes")
		s.Person(slacktest.Ina).Choose("C1", "o")
	})
}
