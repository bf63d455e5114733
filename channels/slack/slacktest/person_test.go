package slacktest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// TestPerson edits and deletes what is their own, in threads and in channels.
func TestPerson(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
		ina, bo := b.Person(slacktest.Ina), b.Person("U0AAA2")
		ts := ina.Say("C1", "old")
		answer := bo.Reply("C1", ts, "below")
		bo.Reply("C1", answer, "below too") // of an answer Slack makes its thread
		if !ina.Edit("C1", ts, "new & better") || bo.Edit("C1", ts, "x") || ina.Edit("C1", "1.000001", "x") {
			t.Error("edits")
		}
		if bo.Delete("C1", ts) || !bo.Delete("C1", answer) {
			t.Error("deletions")
		}
		synctest.Wait()
		var kinds []string
		for _, g := range b.app.all() {
			var e struct {
				Event struct {
					User, Text, Subtype string
					Thread              string `json:"thread_ts"`
					Deleted             string `json:"deleted_ts"`
					Message, Before     struct{ Text string }
					Previous            struct{ Text string } `json:"previous_message"`
				}
			}
			json.Unmarshal([]byte(g.body), &e)
			kinds = append(kinds, fmt.Sprint(e.Event.User, e.Event.Text, e.Event.Subtype, e.Event.Thread == ts, e.Event.Deleted == answer, e.Event.Message.Text, e.Event.Previous.Text))
		}
		want := []string{
			"U0AAA1oldfalse false", "U0AAA2belowtrue false", "U0AAA2below tootrue false",
			"message_changedfalse falsenew &amp; betterold", "message_deletedfalse true",
		}
		if diff := cmp.Diff(want, kinds); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		c := b.Chat("C1")
		if thread := c.Thread(ts); len(thread) != 2 || thread[0].Text != "new &amp; better" || thread[0].Versions[0] != "old" {
			t.Errorf("%+v", thread)
		}
	})
}

// TestTeams keeps workspaces apart.
func TestTeams(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{Teams: []slacktest.Team{{ID: "T2", Token: "xoxb-two", BotUser: "UBOT2"}}}, &app{}, func(t *testing.T, b bubble) {
		ann := b.PersonOf("T2", "U2")
		ann.Mention("C2", "hi")
		b.Push("T9", "C9", map[string]any{"type": "message", "user": "U9", "channel": "C9", "text": "hi"})
		synctest.Wait()
		var teams []string
		for _, g := range b.app.all() {
			var e struct {
				Team           string `json:"team_id"`
				Event          struct{ Text string }
				Authorizations []struct {
					User string `json:"user_id"`
				}
			}
			json.Unmarshal([]byte(g.body), &e)
			teams = append(teams, fmt.Sprint(e.Team, e.Event.Text, e.Authorizations))
		}
		if len(teams) != 3 {
			t.Errorf("%q", teams)
		}
		for _, body := range []string{in("C2", "for two"), in(ann.DM(), "for two")} {
			if a := call(t, b.Server, "xoxb-two", "chat.postMessage", body); !a.OK {
				t.Errorf("%+v", a)
			}
			if a := call(t, b.Server, token, "chat.postMessage", body); a.Error != "channel_not_found" {
				t.Errorf("%+v", a)
			}
		}
		c := b.Chat(ann.DM())
		if diff := cmp.Diff([]string{"for two"}, c.Texts()); diff != "" {
			t.Error(diff)
		}
		if calls := b.Calls("chat.postMessage"); calls[0].Team != "T2" || calls[1].Team != slacktest.TeamID {
			t.Errorf("%+v", calls)
		}
	})
}

// TestShared has somebody of another workspace write in a shared channel: the events are of the
// workspace that has the app.
func TestShared(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
		b.Person(slacktest.Ina).Say("C1", "hi")
		guest := b.PersonOf("T9", "U9")
		ts := guest.Mention("C1", "hi")
		guest.Unfurl("C1", ts)
		guest.Command("C1", "/ask", "")
		guest.Upload("C1", "", slacktest.File{Name: "a.txt", Data: []byte("a"), Foreign: true})
		synctest.Wait()
		all := b.app.all()
		if len(all) != 6 {
			t.Fatalf("%d deliveries", len(all))
		}
		type event struct {
			Team   string `json:"team_id"`
			Shared bool   `json:"is_ext_shared_channel"`
			Event  struct {
				Type, Team string
				UserTeam   string `json:"user_team"`
				Message    struct{ Text string }
				Previous   struct{ Text string } `json:"previous_message"`
				Files      []map[string]any
			}
		}
		read := func(i int) (e event) {
			if err := json.Unmarshal([]byte(all[i].body), &e); err != nil {
				t.Fatal(err)
			}
			return e
		}
		for i, kind := range []string{"message", "app_mention"} {
			if e := read(i + 1); e.Team != slacktest.TeamID || !e.Shared || e.Event.Type != kind || e.Event.Team != "T9" || e.Event.UserTeam != "T9" {
				t.Errorf("%+v", e)
			}
		}
		if e := read(3); e.Event.Message.Text == "" || e.Event.Message.Text != e.Event.Previous.Text {
			t.Errorf("%+v", e)
		}
		if team := all[4].field("team_id"); team != slacktest.TeamID {
			t.Error(team)
		}
		f := read(5).Event.Files[0]
		if f["file_access"] != "check_file_info" || f["name"] != nil {
			t.Errorf("%+v", f)
		}
		if a := call(t, b.Server, token, "files.info", fmt.Sprintf(`{"file":%q}`, f["id"])); !a.OK {
			t.Errorf("%+v", a)
		}
	})
}

// TestEnterprise names no workspace in the payloads of an app that an organisation has installed.
func TestEnterprise(t *testing.T) {
	t.Parallel()
	o := slacktest.Options{Teams: []slacktest.Team{{ID: "T2", Token: "xoxb-two", Enterprise: "E1"}}}
	inBubble(t, o, &app{}, func(t *testing.T, b bubble) {
		ann := b.PersonOf("T2", "U2")
		call(t, b.Server, "xoxb-two", "chat.postMessage", in("U2", "?", `"blocks":[`+actions(button("a", "Yes", "v"))+`]`))
		if !ann.Click(ann.DM(), "Yes") {
			t.Fatal("no button")
		}
		synctest.Wait()
		all := b.app.all()
		if text := all[len(all)-1].field("payload"); !strings.Contains(text, `"team":null`) || !strings.Contains(text, `"enterprise":{"id":"E1"`) || !strings.Contains(text, `"team_id":"T2"`) {
			t.Error(text)
		}
		if !strings.Contains(all[0].body, `"enterprise_id":"E1"`) {
			t.Error(all[0].body)
		}
	})
}

// TestLists pages through a workspace, and tells of people and chats.
func TestLists(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	for i := range 4 {
		s.Person(fmt.Sprintf("U%d", i))
	}
	s.Person("U0").Say("C1", "hi")
	var ids []string
	for cursor := ""; ; {
		a := call(t, s, token, "users.list", fmt.Sprintf(`{"limit":2,"cursor":%q}`, cursor))
		for _, m := range a.Members {
			ids = append(ids, m.ID)
		}
		if cursor = a.Metadata.Cursor; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"U0", slacktest.BotUser, "U1", "U2", "U3"}, ids); diff != "" {
		t.Error(diff)
	}
	if a := call(t, s, token, "users.list", `{"cursor":"x"}`); a.Error != "invalid_cursor" {
		t.Errorf("%+v", a)
	}
	for method, body := range map[string]string{
		"users.info": `{"user":"U1"}`, "conversations.info": `{"channel":"C1"}`, "conversations.open": `{"users":"U1"}`,
	} {
		if a := call(t, s, token, method, body); !a.OK {
			t.Errorf("%s: %+v", method, a)
		}
	}
}

// TestStatus shows what the bot is at, in a thread.
func TestStatus(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	ina := s.Person(slacktest.Ina)
	ts := ina.Say(ina.DM(), "hi")
	for _, status := range []string{"is thinking…", ""} {
		if a := call(t, s, token, "assistant.threads.setStatus", fmt.Sprintf(`{"channel_id":%q,"thread_ts":%q,"status":%q}`, ina.DM(), ts, status)); !a.OK {
			t.Errorf("%+v", a)
		}
	}
	if c := s.Chat(ina.DM()); fmt.Sprint(c.Statuses) != "[is thinking…]" {
		t.Errorf("%q", c.Statuses)
	}
}
