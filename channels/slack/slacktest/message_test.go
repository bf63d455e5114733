package slacktest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// TestUpdate keeps the blocks that it does not name: they hide the new text.
func TestUpdate(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	dm := s.Person(slacktest.Ina).DM()
	ts := call(t, s, token, "chat.postMessage", in(dm, "one", `"blocks":[`+section("block")+`]`)).TS
	var reads []string
	for _, more := range []string{"", `,"blocks":[]`} {
		if a := call(t, s, token, "chat.update", in(dm, "two", `"ts":"`+ts+`"`+more)); !a.OK {
			t.Errorf("%+v", a)
		}
		m := s.Chat(dm).Messages[0]
		reads = append(reads, m.Reads())
	}
	if diff := cmp.Diff([]string{"block", "two"}, reads); diff != "" {
		t.Error(diff)
	}
}

// TestPings are those whom a text calls.
func TestPings(t *testing.T) {
	t.Parallel()
	m := slacktest.Shown{Text: "<!channel> &lt;!here&gt; <!subteam^S1|@crew> <@U0AAA1> <#C1> <https://x.test|x> <!date^1^{date}|x>"}
	if diff := cmp.Diff([]string{"<!channel>", "<!subteam^S1|@crew>", "<@U0AAA1>"}, m.Pings()); diff != "" {
		t.Error(diff)
	}
}

// TestUnthread posts into the chat where the message of a thread is not there, without a word.
func TestUnthread(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	ina := s.Person(slacktest.Ina)
	ts := ina.Say("C1", "hi")
	if a := call(t, s, token, "chat.postMessage", in("C1", "a", `"thread_ts":"`+ts+`"`)); a.Message.Thread != ts {
		t.Errorf("%+v", a)
	}
	if a := call(t, s, token, "chat.postMessage", in("C1", "a", `"thread_ts":"1.000001"`)); !a.OK || a.Message.Thread != "" {
		t.Errorf("%+v", a)
	}
}

// TestEphemeral shows something to one person.
func TestEphemeral(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	s.Person(slacktest.Ina).Say("C1", "hi")
	if a := call(t, s, token, "chat.postEphemeral", in("C1", "psst", `"user":"U0AAA1"`, `"blocks":[`+actions(button("a", "Yes", "v"))+`]`)); !a.OK {
		t.Errorf("%+v", a)
	}
	if a := call(t, s, token, "chat.postEphemeral", in("C1", "psst", `"user":"U9"`)); a.Error != "user_not_in_channel" {
		t.Errorf("%+v", a)
	}
	if m := s.Chat("C1").Messages[1]; m.OnlyFor != slacktest.Ina || m.Text != "psst" {
		t.Errorf("%+v", m)
	}
	if s.Person("U0AAA2").Click("C1", "Yes") || !s.Person(slacktest.Ina).Click("C1", "Yes") {
		t.Error("another sees it, or she does not")
	}
}
