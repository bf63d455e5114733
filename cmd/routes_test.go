package cmd_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels/socketio"
)

// A channel cannot take the chat page's path, nor another's: check says what run would.
func TestRoutesAreFree(t *testing.T) {
	t.Parallel()
	for credentials, want := range map[string]string{
		"socketio: {socketio_path: /chat}": `credentials.yml:1: channel socketio: the route "/chat" is not free: Manyvox itself serves "/chat/"; choose another`,
		"socketio:\nkiosk: {type: socketio}": `credentials.yml:2: channel kiosk: the route "/socket.io" is not free: ` +
			`channel socketio serves "/socket.io"; choose another`,
	} {
		flags := localFlags(t, credentials, echoes)
		for _, args := range [][]string{append([]string{"check"}, flags[4:]...), append([]string{"run", "--data-dir", t.TempDir()}, flags...)} {
			p := newProgram()
			p.Channels = append(p.Channels, socketio.Type())
			if code := p.Run(t.Context(), args); code != 2 || !strings.Contains(p.err.String(), want) {
				t.Errorf("%s: exit code %d, %s, want 2 and %s", args[0], code, p.err, want)
			}
		}
	}
}
