package socketio_test

import (
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

// eachClient runs a test with every published client.
func eachClient(t *testing.T, f func(t *testing.T, client string)) {
	t.Helper()
	needNode(t)
	for _, client := range publishedClients {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			f(t, client)
		})
	}
}

// shapes are what the echo agent says, and what a client gets of it.
var shapes = []struct {
	say  string
	bots []string
}{
	{"hello", []string{`{"text":"hello"}`}},
	{"/buttons", []string{`{"text":"Do you like it?","quick_replies":[{"content_type":"text","title":"Yes","payload":"/affirm"},{"content_type":"text","title":"No","payload":"/deny"}]}`}},
	{"/quick", []string{`{"text":"Pick one","quick_replies":[{"content_type":"text","title":"Yes","payload":"/affirm"},{"content_type":"text","title":"No","payload":"/deny"}]}`}},
	{"/custom", []string{`{"kind":"weather","celsius":21.5}`}},
	{"/attachment", []string{`{"attachment":{"type":"file","payload":{"src":"https://example.com/terms.pdf"}}}`}},
	{"/elements", []string{
		`{"attachment":{"type":"template","payload":{"template_type":"generic","elements":{"title":"First card","subtitle":"with buttons","buttons":[{"title":"Yes","payload":"/affirm"},{"title":"No","payload":"/deny"}]}}}}`,
		`{"attachment":{"type":"template","payload":{"template_type":"generic","elements":{"title":"Second card","subtitle":"without"}}}}`,
	}},
	{"/paragraphs", []string{`{"text":"One."}`, `{"text":"Two."}`, `{"text":"Three."}`}},
	{"/meta", []string{`{"page":7}`}},
}

func TestClientsTransports(t *testing.T) {
	t.Parallel()
	for transports, last := range map[string]string{"polling": "polling", "websocket": "websocket", "polling,websocket": "websocket"} {
		t.Run(transports, func(t *testing.T) {
			t.Parallel()
			eachClient(t, func(t *testing.T, client string) {
				p := run(t, programOptions{})
				tk := startTalk(t, talkOptions{
					Client: client, URL: p.url, Metadata: map[string]any{"page": 7},
					Options: map[string]any{"transports": strings.Split(transports, ",")},
				})
				tk.readUntil("session")
				var want, got []string
				for _, shape := range shapes {
					tk.command("say %s", shape.say)
					want = append(want, shape.bots...)
					got = tk.readReplies(len(shape.bots))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				tk.command("transport")
				if got := tk.readUntil("transport"); got != last {
					t.Errorf("it ends with %s, want %s", got, last)
				}
			})
		})
	}
}

func TestClientsImage(t *testing.T) {
	t.Parallel()
	eachClient(t, func(t *testing.T, client string) {
		tk := startTalk(t, talkOptions{Client: client, URL: run(t, programOptions{}).url, Say: []string{"/image"}})
		if got := tk.readUntil("bot"); !strings.HasPrefix(got, `{"attachment":{"type":"image","payload":{"src":"data:image/svg+xml,`) {
			t.Errorf("%s", got)
		}
	})
}

// A session outlives the loss of its connection, and a new page that kept its id.
func TestClientsSession(t *testing.T) {
	t.Parallel()
	eachClient(t, func(t *testing.T, client string) {
		p := run(t, programOptions{block: "  session_persistence: true\n"})
		first := startTalk(t, talkOptions{Client: client, URL: p.url, Say: []string{"one"}})
		if got := first.readUntil("session"); got != "new" {
			t.Errorf("session %s", got)
		}
		first.readReplies(1)
		first.command("id")
		id := first.readUntil("id")
		first.command("cut")
		if got := first.readUntil("session"); got != "kept" {
			t.Errorf("after the connection was lost: session %s", got)
		}
		first.command("again")
		if got := first.readUntil("session"); got != "kept" {
			t.Errorf("after the client left and came again: session %s", got)
		}
		second := startTalk(t, talkOptions{Client: client, URL: p.url, Session: id, Say: []string{"two"}})
		if got := second.readUntil("session"); got != "kept" {
			t.Errorf("on a new page: session %s", got)
		}
		second.readReplies(1)
		if got := first.readUntil("bot"); got != `{"text":"two"}` {
			t.Errorf("the first page hears %s", got)
		}
		if got := startTalk(t, talkOptions{Client: client, URL: p.url, Session: "0123456789abcdef0123456789abcdef"}).readUntil("session"); got != "new" {
			t.Errorf("an id of Rasa's: session %s", got)
		}
	})
}

// What is written while the connection is lost is answered once it is back: clients send
// it before they ask for their session.
func TestClientsOffline(t *testing.T) {
	t.Parallel()
	eachClient(t, func(t *testing.T, client string) {
		tk := startTalk(t, talkOptions{Client: client, URL: run(t, programOptions{block: "  session_persistence: true\n"}).url, Say: []string{"one"}})
		tk.readReplies(1)
		tk.command("away two")
		if diff := cmp.Diff([]string{`{"text":"one"}`, `{"text":"two"}`}, tk.readReplies(1)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestClientsNamespace(t *testing.T) {
	t.Parallel()
	eachClient(t, func(t *testing.T, client string) {
		p := run(t, programOptions{block: "  namespace: /chat\n  socketio_path: /talk/here\n"})
		path := map[string]any{"path": "/talk/here"}
		tk := startTalk(t, talkOptions{Client: client, URL: p.url + "/chat", Options: path, Say: []string{"hello"}})
		if got := tk.readUntil("connect"); got != "/chat" {
			t.Errorf("connected to %s", got)
		}
		tk.readReplies(1)
		if got := startTalk(t, talkOptions{Client: client, URL: p.url, Options: path}).readUntil("connect_error"); got != "Invalid namespace" {
			t.Errorf("%s", got)
		}
	})
}

func TestClientsToken(t *testing.T) {
	t.Parallel()
	eachClient(t, func(t *testing.T, client string) {
		p := run(t, programOptions{block: "  jwt_key: " + jwtKey + "\n  session_persistence: true\n"})
		good := token(t, jwt.SigningMethodHS256, []byte(jwtKey), jwt.MapClaims{"sub": "ann"})
		startTalk(t, talkOptions{Client: client, URL: p.url, Options: map[string]any{"auth": map[string]any{"token": good}}, Say: []string{"hello"}}).readReplies(1)
		for name, auth := range map[string]map[string]any{"none": nil, "bad": {"token": "Bearer " + good + "x"}} {
			tk := startTalk(t, talkOptions{Client: client, URL: p.url, Options: map[string]any{"auth": auth}})
			if got := tk.readUntil("connect_error"); !strings.Contains(got, "token") {
				t.Errorf("%s: %s", name, got)
			}
		}
	})
}

// A message for a session that is not this socket's is refused, and says so.
func TestClientsForeignSession(t *testing.T) {
	t.Parallel()
	eachClient(t, func(t *testing.T, client string) {
		p := run(t, programOptions{block: "  session_persistence: true\n"})
		tk := startNode(t, "intrude.mjs", client, p.url)
		if got := tk.readUntil("session_error"); !strings.Contains(got, "permission_denied") {
			t.Errorf("%s", got)
		}
	})
}
