package cmd_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// sqliteProgram is a program with the default store and a channel that acknowledges.
func sqliteProgram() *program {
	p := newProgram()
	p.Stores = []journal.Type{sqlite.Type()}
	p.Channels = []channels.Type{callback.Type(), rest.Type()}
	return p
}

// TestRestore copies the journal of a program that runs and has replies waiting, and
// starts another with the copy: it delivers them.
func TestRestore(t *testing.T) {
	t.Parallel()
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	t.Cleanup(down.Close)
	target := &target{replies: map[string][]receivedReply{}, restarted: make(chan struct{}), grown: make(chan struct{})}
	up := httptest.NewServer(target)
	t.Cleanup(up.Close)

	dir := t.TempDir()
	before := sqliteProgram().start(t, localFlags(t, "callback: {url: \""+down.URL+"\"}\nrest:\n", echoes, "--data-dir", filepath.Join(dir, "data"))...)
	const messages = 20
	for i := range messages {
		body := fmt.Sprintf(`{"sender":"ann","message":"%s%d","message_id":"m%d"}`, private, i+1, i+1)
		res, err := before.http.Post("http://"+before.addr+"/webhooks/callback/webhook", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	_, answer := before.post("", `{"sender":"bob","message":"hi","message_id":"m1"}`)

	copied := filepath.Join(dir, "copy", "journal.db")
	endpoints := write(t, "endpoints.yml", echoes)
	for _, c := range []struct {
		file string
		code int
	}{{filepath.Join(dir, "backup"), 0}, {filepath.Join(dir, "backup"), 1}} {
		p := sqliteProgram()
		if code := p.Run(t.Context(), []string{"backup", c.file, "--data-dir", filepath.Join(dir, "data"), "--endpoints", endpoints}); code != c.code {
			t.Fatalf("backup ends with %d: %s", code, p.err)
		}
	}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "copy"), 0o700), os.Rename(filepath.Join(dir, "backup"), copied)); err != nil {
		t.Fatal(err)
	}
	before.end()

	after := sqliteProgram().start(t, localFlags(t, "callback: {url: \""+up.URL+"\"}\nrest:\n", echoes, "--data-dir", filepath.Join(dir, "copy"))...)
	target.verify(t, "ann", messages)
	_, again := after.post("", `{"sender":"bob","message":"hi","message_id":"m1"}`)
	if diff := cmp.Diff(answer, again); diff != "" {
		t.Errorf("a repeat (-want +got):\n%s", diff)
	}
}
