package channels_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

func TestJSONText(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	for raw, want := range map[string]string{
		`"a"`: "a", `null`: "", ``: "", `5`: "5", `{"value":"a"}`: "a", `{"value":null}`: "", `{"other":1}`: `{"other":1}`,
		`["a",{"value":"b"}]`: "a, b", `[]`: "", `[["a"]]`: `["a"]`, `[` + deep + `]`: deep,
	} {
		if got := channels.JSONText(json.RawMessage(raw), "value"); got != want {
			t.Errorf("%.40s: %.40q, want %.40q", raw, got, want)
		}
	}
}

func TestFormJSON(t *testing.T) {
	t.Parallel()
	form, err := url.ParseQuery("command=%2Fask&text=h%C3%A9&text=no&%ff=%ff")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(channels.FormJSON(form)); got != `{"command":"/ask","text":"hé","\ufffd":"\ufffd"}` {
		t.Error(got)
	}
	if got := string(channels.FormJSON(nil)); got != "{}" {
		t.Error(got)
	}
}
