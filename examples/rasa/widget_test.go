package rasa_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// widget is a chat widget: a Socket.IO client of the default namespace, by WebSocket.
type widget struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // that of the test
	conn *websocket.Conn
}

// newWidget connects to a server.
func newWidget(t *testing.T, address string) *widget {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, address+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	w := &widget{t, ctx, conn}
	w.await("0") // open
	w.write("40")
	w.await("40") // the namespace
	return w
}

func (w *widget) write(packet string) {
	w.t.Helper()
	if err := w.conn.Write(w.ctx, websocket.MessageText, []byte(packet)); err != nil {
		w.t.Fatal(err)
	}
}

// await returns what follows a prefix in the next packet that has it, and answers pings.
func (w *widget) await(prefix string) string {
	w.t.Helper()
	for {
		_, packet, err := w.conn.Read(w.ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		if string(packet) == "2" {
			w.write("3")
		}
		if rest, ok := strings.CutPrefix(string(packet), prefix); ok {
			return rest
		}
	}
}

// emit sends an event with an object.
func (w *widget) emit(event string, object map[string]any) {
	w.t.Helper()
	data, err := json.Marshal([]any{event, object})
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("42" + string(data))
}

// on returns the argument of the next event of a name.
func (w *widget) on(event string, to any) {
	w.t.Helper()
	rest := w.await(fmt.Sprintf("42[%q,", event))
	if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(rest), "]")), to); err != nil {
		w.t.Fatalf("%s: %v", rest, err)
	}
}

// session asks for a session and returns the one it gets.
func (w *widget) session(id string) (confirmed string) {
	w.t.Helper()
	w.emit("session_request", map[string]any{"session_id": id})
	w.on("session_confirm", &confirmed)
	return confirmed
}

// says sends a message and returns the next text of the bot.
func (w *widget) says(session, text string) string {
	w.t.Helper()
	w.emit("user_uttered", map[string]any{"message": text, "session_id": session})
	var bot struct{ Text string }
	w.on("bot_uttered", &bot)
	return bot.Text
}
