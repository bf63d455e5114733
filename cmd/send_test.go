package cmd_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

//nolint:paralleltest // one after the other, to one person
func TestSend(t *testing.T) {
	sent := make(chan channels.Part, 10)
	p := programWith(t, newSharedStore(t), 1)
	p.Channels = append(p.Channels, mailbox(sent))
	server := p.start(t, localFlags(t, "rest:\nmailbox:\n", echoes)...)
	for _, c := range []struct {
		name string
		args []string
		want outcome
		sent []channels.Part
	}{
		{"a text", []string{"--message-id", "m1", "Hello\n\nann"}, outcome{out: "message m1: 2 parts to be sent\n"},
			[]channels.Part{{MessageID: "m1", Reply: channels.Reply{Text: "Hello"}}, {MessageID: "m1", Reply: channels.Reply{Text: "ann"}}}},
		{"again", []string{"--message-id", "m1", "Hello\n\nann"}, outcome{out: "message m1 was stored before\n"}, nil},
		{"something else", []string{"--message-id", "m1", "Bye"}, outcome{code: 1, err: "manyvox: already_exists: message_id: used for another message of this conversation\n"}, nil},
		{"a reply", []string{"--message-id", "m2", "--address", "C1", "--json", `{"text": "?", "buttons": [{"title": "Yes", "payload": "/yes"}]}`},
			outcome{out: "message m2: 1 part to be sent\n"},
			[]channels.Part{{MessageID: "m2", Address: "C1", Reply: channels.Reply{Text: "?", Buttons: []channels.Button{{Title: "Yes", Payload: "/yes"}}}}}},
		{"both", []string{"--json", "{}", "Hello"}, outcome{code: 2, err: "manyvox: expected either a text or --json\n"}, nil},
		{"neither", nil, outcome{code: 2, err: "manyvox: expected either a text or --json\n"}, nil},
		{"an empty reply", []string{"--json", "{}"}, outcome{code: 1, err: "manyvox: invalid_argument: reply: shows nothing: expected text, buttons, image, attachment or custom\n"}, nil},
		{"who subscribes to a channel", []string{"--channel", "rest", "--message-id", "m3", "Hello"}, outcome{out: "message m3: 1 part to be sent\n"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := runToEnd(t, "", append([]string{"send", "--server", "http://" + server.addr, "--data-dir", server.dataDir, "--channel", "mailbox", "--sender", "ann"}, c.args...)...)
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, want := range c.sent {
				want.Channel, want.Type, want.Sender, want.Reply.RecipientID = "mailbox", "mailbox", "ann", "ann"
				select {
				case part := <-sent:
					part.ID = ""
					if diff := cmp.Diff(want, part); diff != "" {
						t.Errorf("sent (-want +got):\n%s", diff)
					}
				case <-time.After(waitTimeout):
					t.Fatal("nothing is sent")
				}
			}
		})
	}
}

func TestSendMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no channel":     {[]string{"--sender", "ann", "Hello"}, "manyvox: missing flags: --channel=NAME"},
		"no sender":      {[]string{"--channel", "chat", "Hello"}, "manyvox: missing flags: --sender=ID"},
		"no JSON":        {[]string{"--channel", "chat", "--sender", "ann", "--json", "{"}, "manyvox: --json: not a Reply: "},
		"an unknown key": {[]string{"--channel", "chat", "--sender", "ann", "--json", `{"txt": "x"}`}, "manyvox: --json: not a Reply: "},
	} {
		got := runToEnd(t, "", append([]string{"send"}, c.args...)...)
		if got.code != 2 || !strings.HasPrefix(got.err, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	d := storeWithEvents(t)
	server := programWith(t, d, 1).start(t, localFlags(t, "rest:\n", echoes)...)
	for _, want := range []string{"deleted 3 rows of the journal\n", "deleted 0 rows of the journal\n"} { // two events and the address
		got := runToEnd(t, "", "forget", "rest", "ann", "--yes", "--server", "http://"+server.addr, "--data-dir", server.dataDir)
		if diff := cmp.Diff(outcome{out: want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
