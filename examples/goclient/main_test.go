package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

func TestRun(t *testing.T) {
	t.Parallel()
	url := serve(t)
	for _, tt := range []struct {
		name string
		args []string
		want string
		err  string
	}{
		{
			name: "one message", args: []string{"-token", "open-sesame"},
			want: "channel rest can address, receive, rpc, send, token\nreply: hello\nreply 1: hello\n",
		},
		{
			name: "pieces", args: []string{"-token", "open-sesame", "/stream", "2"},
			want: "channel rest can address, receive, rpc, send, token\nreply: piece 1 piece 2\n" +
				"delta 1: piece 1\ndelta 1:  piece 2\nreply 1: piece 1 piece 2\n",
		},
		{
			name: "a wrong token", args: []string{"-token", "let-me-in"},
			want: "channel rest can address, receive, rpc, send, token\n", err: "unauthenticated",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := run(t.Context(), append([]string{"-url", url}, tt.args...), &out)
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

// serve runs Manyvox with the echo agent until the test ends.
func serve(t *testing.T) (url string) {
	t.Helper()
	p := cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()}}
	return cmdtest.Start(t, p, "rest: {token: open-sesame}", "agent: {type: echo, pause: 1ms}")
}
