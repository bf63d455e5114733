package slacktest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// payload is what an app reads of an interactive payload.
type payload struct {
	Type     string
	Channel  struct{ ID string }
	Response string `json:"response_url"`
	Trigger  string `json:"trigger_id"`
	Callback string `json:"callback_id"`
	TS       string `json:"message_ts"`
	User     struct{ ID string }
	Team     struct{ ID string }
	Message  struct{ Text string }

	Container struct {
		TS     string `json:"message_ts"`
		Thread string `json:"thread_ts"`
	}
	Actions []map[string]any
	State   struct {
		Values map[string]map[string]map[string]any
	}
}

// last returns the last payload that the app has got.
func (b bubble) last(t *testing.T) (p payload) {
	t.Helper()
	synctest.Wait()
	for _, g := range b.app.all() {
		if text := g.field("payload"); text != "" {
			p = payload{}
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p
}

// respond posts to a response_url.
func (b bubble) respond(address, body string) int {
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Code
}

// TestClick delivers what is clicked, chosen and picked.
func TestClick(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
		ina := b.Person(slacktest.Ina)
		root := ina.Say("C1", "hi")
		multi := `{"type":"multi_static_select","action_id":"s","options":[` + option("Red", "r") + "," + option("Blue", "b") + `]}`
		groups := `{"type":"static_select","action_id":"g","option_groups":[{"label":{"type":"plain_text","text":"l"},"options":[` + option("One", "1") + `]}]}`
		body := in("C1", "?", `"thread_ts":"`+root+`"`, `"blocks":[`+actions(button("a", "Yes", "/yes"), multi, groups, `{"type":"datepicker","action_id":"d"}`)+
			`,{"type":"context_actions","elements":[{"type":"feedback_buttons","action_id":"f","positive_button":{"text":{"type":"plain_text","text":"Good"},"value":"+"},"negative_button":{"text":{"type":"plain_text","text":"Bad"},"value":"-"}}]}`+
			`,{"type":"section","block_id":"own","text":{"type":"mrkdwn","text":"more"},"accessory":`+button("x", "More", "/more")+`}]`)
		sent := call(t, b.Server, token, "chat.postMessage", body)
		if !sent.OK {
			t.Fatalf("%+v", sent)
		}
		for _, c := range []struct {
			name string
			do   func() bool
			want map[string]any
		}{
			{"button", func() bool { return ina.Click("C1", "Yes") }, map[string]any{"type": "button", "action_id": "a", "block_id": "b0", "value": "/yes"}},
			{"accessory", func() bool { return ina.Click("C1", "More") }, map[string]any{"type": "button", "action_id": "x", "block_id": "own", "value": "/more"}},
			{"feedback", func() bool { return ina.Click("C1", "Bad") }, map[string]any{"type": "feedback_buttons", "action_id": "f", "block_id": "b1", "value": "-"}},
			{"several", func() bool { return ina.Choose("C1", "Red", "Blue") }, map[string]any{"type": "multi_static_select", "action_id": "s", "block_id": "b0",
				"selected_options": []any{choice("Red", "r"), choice("Blue", "b")}}},
			{"in a group", func() bool { return ina.Choose("C1", "One") }, map[string]any{"type": "static_select", "action_id": "g", "block_id": "b0", "selected_option": choice("One", "1")}},
			{"date", func() bool { return ina.Pick("C1", "datepicker", "2026-12-01") }, map[string]any{"type": "datepicker", "action_id": "d", "block_id": "b0", "selected_date": "2026-12-01"}},
		} {
			if !c.do() {
				t.Errorf("%s: there is none", c.name)
				continue
			}
			p := b.last(t)
			action := p.Actions[0]
			if action["action_ts"] == nil {
				t.Errorf("%s: no action_ts", c.name)
			}
			delete(action, "action_ts")
			delete(action, "text")
			if diff := cmp.Diff(c.want, action); diff != "" {
				t.Errorf("%s: -want +got:\n%s", c.name, diff)
			}
			if p.Type != "block_actions" || p.Container.TS != sent.TS || p.Container.Thread != root || p.Channel.ID != "C1" || p.User.ID != slacktest.Ina || p.Team.ID != slacktest.TeamID {
				t.Errorf("%s: %+v", c.name, p)
			}
		}
		if ina.Click("C1", "No") || ina.Choose("C1", "Green") || ina.Pick("C1", "timepicker", "10:00") || ina.Click("C9", "Yes") {
			t.Error("somebody clicks what is not there")
		}
	})
}

func choice(text, value string) map[string]any {
	return map[string]any{"text": map[string]any{"type": "plain_text", "text": text}, "value": value}
}

// TestIDs makes up the ids that a call leaves out, and tells the state of a menu.
func TestIDs(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
		ina := b.Person(slacktest.Ina)
		call(t, b.Server, token, "chat.postMessage", in(slacktest.Ina, "?", `"blocks":[{"type":"divider"},`+
			strings.ReplaceAll(actions(`{"type":"static_select","options":[`+option("Red", "r")+`]}`, button("", "Yes", "v")), `"action_id":"",`, "")+`]`))
		if !ina.Choose(ina.DM(), "Red") {
			t.Fatal("no menu")
		}
		p := b.last(t)
		if a := p.Actions[0]; a["block_id"] != "b1" || a["action_id"] != "a1.0" || p.State.Values["b1"]["a1.0"]["selected_option"] == nil {
			t.Errorf("%+v", p)
		}
		ina.Click(ina.DM(), "Yes")
		if p := b.last(t); p.Actions[0]["action_id"] != "a1.1" || len(p.State.Values) != 0 {
			t.Errorf("%+v", p)
		}
	})
}

// TestResponseURL takes five answers within half an hour.
func TestResponseURL(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
		ina := b.Person(slacktest.Ina)
		ina.Say("C1", "hi")
		call(t, b.Server, token, "chat.postMessage", blocks(actions(button("a", "Yes", "/yes"))))
		ina.Click("C1", "Yes")
		address := b.last(t).Response
		for i, body := range []string{
			`{"text":"for Ina"}`, `{"text":"for all","response_type":"in_channel"}`, `{"text":"done","replace_original":true}`,
			`{"text":""}`, `{"delete_original":true}`,
		} {
			if code := b.respond(address, body); code != 200 {
				t.Errorf("%d: %d", i, code)
			}
		}
		if code := b.respond(address, `{"text":"once more"}`); code != 404 {
			t.Errorf("the sixth: %d", code)
		}
		if code := b.respond("/actions/none", `{"text":"a"}`); code != 404 {
			t.Errorf("none: %d", code)
		}
		c := b.Chat("C1")
		var shown []string
		for _, m := range c.Messages[1:] {
			shown = append(shown, strings.TrimSpace(m.Reads()+" "+m.OnlyFor))
		}
		if diff := cmp.Diff([]string{"This message was deleted.", "for Ina " + slacktest.Ina, "for all"}, shown); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		ina.Shortcut("C1", c.Messages[0].TS, "sum")
		p := b.last(t)
		if p.Type != "message_action" || p.Callback != "sum" || p.Message.Text != "hi" || p.TS != c.Messages[0].TS {
			t.Errorf("%+v", p)
		}
		time.Sleep(31 * time.Minute)
		if code := b.respond(p.Response, `{"text":"late"}`); code != 404 {
			t.Errorf("late: %d", code)
		}
	})
}

// TestCommand shows what an app answers, and says what went wrong. It is not delivered again.
func TestCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer func(int, http.ResponseWriter, *http.Request)
		want   []string
		warn   string
	}{
		{"nothing", nil, nil, ""},
		{"text", func(_ int, w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "soon") }, []string{"soon U0AAA1"}, ""},
		{"for all", func(_ int, w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"response_type":"in_channel","text":"soon"}`)
		}, []string{"soon "}, ""},
		{"slow", func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, nil, `/ask failed with the error "operation_timeout"`},
		{"refused", func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, nil, `/ask failed with the error "http_client_error"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, slacktest.Options{}, &app{answer: c.answer}, func(t *testing.T, b bubble) {
				b.Person(slacktest.Ina).Command("C1", "/ask", "when & where")
				time.Sleep(time.Hour)
				synctest.Wait()
				chat := b.Chat("C1")
				var shown []string
				for _, m := range chat.Messages {
					shown = append(shown, m.Text+" "+m.OnlyFor)
				}
				if diff := cmp.Diff(c.want, shown); diff != "" || strings.Join(chat.Warnings, "") != c.warn {
					t.Errorf("%s %q", diff, chat.Warnings)
				}
				all := b.app.all()
				if len(all) != 1 {
					t.Fatalf("%d tries", len(all))
				}
				for name, want := range map[string]string{
					"command": "/ask", "text": "when & where", "user_id": slacktest.Ina, "team_id": slacktest.TeamID,
					"channel_id": "C1", "api_app_id": slacktest.AppID, "is_enterprise_install": "false",
				} {
					if got := all[0].field(name); got != want {
						t.Errorf("%s is %q", name, got)
					}
				}
			})
		})
	}
}
