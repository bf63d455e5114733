package rasatest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/rasa/rasatest"
	"github.com/manyvox/manyvox/channels"
)

// ask sends a message to Rasa's own REST channel and returns its answer.
func ask(t *testing.T, s *rasatest.Server, sender, text string) []channels.Reply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"sender": sender, "message": text, "metadata": map[string]any{"a": []int{1}}})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(s.URL+"/webhooks/rest/webhook", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var replies []channels.Reply
	if err := json.NewDecoder(resp.Body).Decode(&replies); err != nil {
		t.Fatal(err)
	}
	return replies
}

func texts(replies []channels.Reply) []string {
	var texts []string
	for _, r := range replies {
		texts = append(texts, r.Text)
	}
	return texts
}

// TestServer kills Rasa and its action server and starts both again: the conversation and
// the lines stay.
func TestServer(t *testing.T) {
	t.Parallel()
	s := rasatest.Start(t, rasatest.Options{Actions: true, Persistent: true})
	if diff := cmp.Diff([]string{"One.", "Two.", "\nThree."}, texts(ask(t, s, "ann", "tell me more"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s.Kill()
	s.Actions.Kill()
	s.Actions.Restart()
	s.Restart()
	if diff := cmp.Diff([]string{"Hello! How are you?", "counted", ""}, texts(ask(t, s, "ann", "/count_between"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	lines := s.Actions.Lines()
	if len(lines) != 1 || lines[0].Action != "action_count" || lines[0].Sender != "ann" || string(lines[0].Metadata) != `{"a": [1]}` {
		t.Errorf("lines %+v", lines)
	}
	tracker := s.Tracker(t, "ann")
	if said := tracker.Of("user"); len(said) != 2 || said[0].Text != "tell me more" || tracker.LatestInputChannel != "rest" {
		t.Errorf("tracker %+v", tracker)
	}
}
