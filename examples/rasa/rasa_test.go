package rasa_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRasa asks one Rasa in many ways: first side by side, each as senders of its own, then
// in ways that end it or its action server.
func TestRasa(t *testing.T) {
	t.Parallel()
	b := startBot(t)
	t.Run("at once", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T, *bot){
			"metadata": metadataArrives, "metadata of no object": metadataIsRefused, "kinds": kindsOfResponses,
			"a slow action": slowAction, "too slow an action": tooSlowAction, "a failing action": failingAction,
			"kill -9 of Manyvox": manyvoxIsKilled,
			"the channel":        channelKeepsAll, "a failing action by the channel": failureIsSeen, "a reminder": saidLater,
			"a channel in Python": pythonChannel,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, b) })
		}
	})
	for _, then := range []struct { //nolint:paralleltest // each ends what the next needs
		name string
		test func(*testing.T, *bot)
	}{
		{"the action server dies", actionServerDies}, {"kill -9 of Rasa", rasaIsKilled},
	} {
		t.Run(then.name, func(t *testing.T) { then.test(t, b) })
	}
}

// metadataArrives has curl send a nested object, which the action server sees as it was.
func metadataArrives(t *testing.T, b *bot) {
	if _, err := exec.LookPath("curl"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("no curl on this machine")
	}
	address := b.manyvox(t, "rest:\n", "")
	const metadata = `{"z":9007199254740993,"a":{"price":1.5,"list":[null,true,"x",{"y":[]}],"empty":{}},"m":"\u00e9 \u4e16 \" \\ /"}`
	curl := exec.CommandContext(t.Context(), "curl", "-sS", address+"/webhooks/rest/webhook",
		"-d", `{"sender": "meta", "message": "/metadata", "metadata": `+metadata+`}`)
	curl.Env = append(os.Environ(), "NO_PROXY=*")
	out, err := curl.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := b.Actions.Wait(t, "meta", 1)
	var seen bytes.Buffer
	if err := json.Compact(&seen, lines[0].Metadata); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(metadata, seen.String()); diff != "" {
		t.Errorf("the action server sees (-want +got):\n%s", diff)
	}
	got := read(t, http.StatusOK, out)
	if len(got.replies) != 1 {
		t.Fatalf("answer %s", out)
	}
	seen.Reset()
	if err := json.Compact(&seen, []byte(got.replies[0].Text)); err != nil || seen.String() != metadata {
		t.Errorf("the action says %s, %v", got.replies[0].Text, err)
	}
	tracker := b.Tracker(t, "meta")
	seen.Reset()
	if err := json.Compact(&seen, tracker.Of("user")[0].Metadata); err != nil || !bytes.Contains(seen.Bytes(), []byte(`"z":9007199254740993,"a":{"price":1.5`)) {
		t.Errorf("the tracker has %s, %v", seen.Bytes(), err)
	}
}

// metadataIsRefused has the caller told at once what Rasa would have hung at, and the
// conversation goes on.
func metadataIsRefused(t *testing.T, b *bot) {
	address := b.manyvox(t, "rest:\n", "")
	for _, query := range []string{"", "?stream=true"} {
		for _, metadata := range []any{"text", 5, true, []int{1}} {
			ask(t, address, query, map[string]any{"sender": "odd", "message": "hello", "metadata": metadata}).expect(t, "error invalid_argument")
		}
		for _, metadata := range []any{nil, "", 0, false, []int{}, map[string]any{}} {
			ask(t, address, query, map[string]any{"sender": "odd", "message": "hello", "metadata": metadata}).expect(t, "Hello! How are you?")
		}
	}
}

// kindsOfResponses has each kind pass, as Rasa's own REST channel shows it.
func kindsOfResponses(t *testing.T, b *bot) {
	address := b.manyvox(t, "rest:\n", "")
	for text, want := range map[string][]string{
		"/paragraphs": {"One.", "Two.", "\nThree."}, "/buttons": {"buttons"}, "/buttons_empty_payload": {"buttons"}, "/quick_replies": {"buttons"},
		"/image_text": {"A cat.", "image"}, "/attachment_object": {"attachment"}, "/custom": {"custom"},
		"/everything": {"buttons", "custom", "image", "attachment"}, "/several": {"Hello! How are you?", "image", "buttons"},
		"/silent": nil, "/channels": {"For every channel."}, "/elements": {"buttons", "buttons", "buttons"}, "something else": {"I do not understand."},
	} {
		for _, query := range []string{"", "?stream=true"} {
			ask(t, address, query, map[string]any{"sender": "kinds" + text + query, "message": text}).expect(t, want...)
		}
	}
}
