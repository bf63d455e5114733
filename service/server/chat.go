package server

import (
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

const (
	chatPath = "/chat/"
	// chatPolicy lets the page load and call its own origin only. Images and media come
	// from wherever a reply says, or from the user, as files that are not sent yet.
	chatPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
		"img-src 'self' https: http: data: blob:; media-src 'self' https: http:; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

// chat serves the chat page.
type chat struct {
	// fixed are the files that are the same whatever the settings.
	fixed map[string]chatFile
	views *chatViews
	// policy is the Content-Security-Policy of each file.
	policy  string
	current atomic.Pointer[map[string]chatFile]
}

// newChat reads all files: there are few, and they do not change. One that cannot be
// read is not served. Pages of the origins may show the page in a frame. It serves nothing
// before show.
func newChat(files fs.FS, origins []string) *chat {
	c := &chat{fixed: map[string]chatFile{}, policy: strings.Join(append([]string{chatPolicy}, origins...), " ")}
	read := map[string][]byte{}
	_ = fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, _ error) error {
		if content, err := fs.ReadFile(files, name); err == nil {
			read[name] = content
		}
		return nil
	})
	c.views = newChatViews(read)
	for name, content := range read {
		if !c.views.makes(name) {
			c.fixed[name] = newChatFile(name, content)
		}
	}
	return c
}

// show has the page show these settings from now on.
func (c *chat) show(s *instance.ChatSettings) {
	files := c.views.files(s)
	for name, f := range c.fixed {
		files[name] = f
	}
	c.current.Store(&files)
}

// ServeHTTP serves a file below /chat/.
func (c *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, chatPath)
	if name == "" {
		name = indexFile
	}
	f, ok := (*c.current.Load())[name]
	switch {
	case !ok:
		notFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		channels.WriteError(w, channels.Errorf(channels.CodeMethodNotAllowed, "method %s: the chat page is only read", r.Method))
	default:
		w.Header().Set("Content-Security-Policy", c.policy)
		f.serve(w, r)
	}
}

// toChat sends on to the page. The target is relative, since a proxy may have taken a
// prefix off the path, and http.Redirect would make it absolute.
func toChat(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", strings.TrimPrefix(chatPath, "/"))
	w.WriteHeader(http.StatusSeeOther)
}

var _ http.Handler = (*chat)(nil)
