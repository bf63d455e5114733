package rasa_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// channelKeepsAll has our channel show what Rasa's REST channel loses, and a REST client
// see nothing else.
func channelKeepsAll(t *testing.T, b *bot) {
	fake, credentials := telegram(t)
	address := b.manyvox(t, "rest:\n"+credentials, "channel: manyvox")
	for text, want := range map[string][]string{
		"/channels": {"For rest."}, "/elements": {"buttons", "buttons", "buttons"}, "/quick_replies": {"buttons"},
		"/paragraphs": {"One.", "Two.", "\nThree."}, "/everything": {"buttons", "custom", "image", "attachment"},
		"/several": {"Hello! How are you?", "image", "buttons"}, "/silent": nil, "something else": {"I do not understand."},
	} {
		for _, query := range []string{"", "?stream=true"} {
			ask(t, address, query, map[string]any{"sender": "whole" + text + query, "message": text}).expect(t, want...)
		}
	}
	if got := throughRasa(t, b); strings.Contains(got, "utter_action") || !strings.Contains(got, `"mood":"calm"`) {
		t.Errorf("Rasa's channel answers %s", got)
	}
	const person = 4201
	fake.Say(person, "/channels")
	if diff := cmp.Diff([]string{"For telegram."}, shows(t, fake, person, 1)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	fake.Say(person, "/elements")
	shows(t, fake, person, 6)
	var cards []string
	for _, m := range fake.Chat(person).Messages {
		if m.FromBot {
			cards = append(cards, strings.TrimSpace(fmt.Sprintf("%s %s %s %d", m.Kind, m.File, m.Text, len(m.Buttons))))
		}
	}
	want := []string{
		"text  For telegram. 0",
		"photo https://example.org/margherita.png  0", "text  Margherita : Tomato, mozzarella 1",
		"photo https://example.org/marinara.png  0", "text  Marinara : Garlic, no cheese 0", "text  Only a title :  0",
	}
	if diff := cmp.Diff(want, cards); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// throughRasa asks our channel at Rasa itself for a response with metadata, which are keys
// of a platform's own.
func throughRasa(t *testing.T, b *bot) string {
	t.Helper()
	res, err := http.Post(b.URL+"/webhooks/manyvox/webhook", "application/json", strings.NewReader(`{"sender": "direct", "message": "/metadata_response"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// failureIsSeen ends a turn whose action has failed with an error, after what was said.
func failureIsSeen(t *testing.T, b *bot) {
	address := b.manyvox(t, "rest:\n", "channel: manyvox")
	for _, query := range []string{"", "?stream=true"} {
		ask(t, address, query, map[string]any{"sender": "seen" + query, "message": "/fail"}).expect(t, "error agent_failed")
		ask(t, address, query, map[string]any{"sender": "seen" + query, "message": "/fail_between"}).expect(t, "Hello! How are you?", "image", "error agent_failed")
		ask(t, address, query, map[string]any{"sender": "seen" + query, "message": "/count"}).expect(t, "counted")
	}
}

// saidLater has a reminder, and an intent that somebody else triggers, arrive on the
// platform where the conversation began, once.
func saidLater(t *testing.T, b *bot) {
	fake, credentials := telegram(t)
	b.door.leadTo(t, b.manyvox(t, "rest:\n"+credentials, "channel: manyvox, secret: "+secret))
	const person = 4242
	fake.Say(person, "/remind")
	shows(t, fake, person, 2)
	trigger := b.URL + "/conversations/" + strconv.Itoa(person) + "/trigger_intent?output_channel=latest"
	res, err := http.Post(trigger, "application/json", strings.NewReader(`{"name": "EXTERNAL_triggered"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s, %v", res.StatusCode, body, err)
	}
	if diff := cmp.Diff([]string{"wait for it", "It is time.", "Somebody triggered this."}, shows(t, fake, person, 3)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	b.door.mu.Lock()
	defer b.door.mu.Unlock()
	if diff := cmp.Diff([]int{http.StatusAccepted, http.StatusAccepted}, b.door.statuses); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

// TestChannelIsShort keeps our channel a file that one reads before one installs it.
func TestChannelIsShort(t *testing.T) {
	t.Parallel()
	if n := strings.Count(file(t, "manyvox_channel.py"), "\n"); n >= 80 {
		t.Errorf("%d lines, want less than 80", n)
	}
}
