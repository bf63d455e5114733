package slacktest

import (
	"bytes"
	"cmp"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// File is a file at Slack.
type File struct {
	// ID is Slack's, Name that of the file.
	ID, Name string
	// MIME is its type. Default that of the name.
	MIME string
	// Title and Alt are what is shown of it.
	Title, Alt string
	Data       []byte
	// Foreign says that it comes from a workspace with which a channel is shared: events name
	// its id alone, and files.info tells the rest.
	Foreign bool

	team     string
	length   int  // that was announced
	uploaded bool // its bytes are there
	shared   bool // it is in a chat
}

// File returns a file by its id.
func (s *Server) File(id string) (File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[id]
	if f == nil {
		return File{}, false
	}
	return *f, true
}

// keep gives a file its id. The lock is held.
func (s *Server) keep(team string, f File) *File {
	f.ID, f.team = s.id("F"), team
	f.Title = cmp.Or(f.Title, f.Name)
	f.MIME = cmp.Or(f.MIME, mime.TypeByExtension(path.Ext(f.Name)), "application/octet-stream")
	s.files[f.ID] = &f
	return &f
}

// hint is how an event tells of a file.
func (s *Server) hint(f *File) object {
	if f.Foreign {
		return object{"id": f.ID, "mode": "file_access", "file_access": "check_file_info"}
	}
	return s.tellFile(f)
}

// tellFile is how Slack tells of a file. https://docs.slack.dev/reference/objects/file-object
func (s *Server) tellFile(f *File) object {
	at := s.hooks.base + "/files-pri/" + f.team + "-" + f.ID + "/"
	return object{
		"id": f.ID, "name": f.Name, "title": f.Title, "mimetype": f.MIME, "filetype": strings.TrimPrefix(path.Ext(f.Name), "."),
		"size": len(f.Data), "mode": "hosted", "is_external": false, "file_access": "visible",
		"url_private": at + f.Name, "url_private_download": at + "download/" + f.Name,
	}
}

// fileInfo tells of a file that is in a chat. https://docs.slack.dev/reference/methods/files.info
func (s *Server) fileInfo(t *Team, a *args) answer {
	f := s.files[a.text("file")]
	switch {
	case !a.has("file"):
		return without("file")
	case f == nil || f.team != t.ID || !f.shared:
		return refuse("file_not_found")
	}
	return result(object{"file": s.tellFile(f)})
}

// getUploadURL takes a form alone. https://docs.slack.dev/reference/methods/files.getUploadURLExternal
func (s *Server) getUploadURL(t *Team, a *args) answer {
	if name := a.missing("filename", "length"); !a.form || name != "" {
		return without(cmp.Or(name, "filename"))
	}
	if a.number("length") <= 0 {
		return explain("invalid_arguments", "must be greater than 0 [json-pointer:/length]")
	}
	f := s.keep(t.ID, File{Name: a.text("filename"), Alt: a.text("alt_txt")})
	f.length = a.number("length")
	return result(object{"upload_url": s.hooks.base + "/upload/v1/" + f.ID, "file_id": f.ID})
}

// serveUpload takes the bytes of a file, as they are or as a part of a form.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request, id string) {
	data, err := uploaded(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	f := s.files[id]
	switch {
	case f == nil || f.uploaded: // an address takes one upload
		http.NotFound(w, r)
		return
	case err != nil || r.Method != http.MethodPost:
		http.Error(w, "expected a file", http.StatusBadRequest)
		return
	case len(data) != f.length:
		http.Error(w, "expected as many bytes as were announced", http.StatusBadRequest)
		return
	}
	f.Data, f.uploaded = data, true
	_, _ = io.WriteString(w, "OK - "+strconv.Itoa(len(data)))
}

// uploaded reads a body, or the first file of a form.
func uploaded(r *http.Request) ([]byte, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
		return io.ReadAll(r.Body)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" {
			return io.ReadAll(part)
		}
	}
}

// completeUpload shares files. https://docs.slack.dev/reference/methods/files.completeUploadExternal
func (s *Server) completeUpload(t *Team, a *args) answer {
	var list []struct{ ID, Title string }
	if !a.decode("files", &list) || len(list) == 0 {
		return without("files")
	}
	m := Shown{User: t.BotUser, FromBot: true, Text: a.text("initial_comment")}
	told := []object{}
	for _, one := range list {
		f := s.files[one.ID]
		if f == nil || f.team != t.ID || !f.uploaded || f.shared {
			return refuse("file_not_found")
		}
		f.Title = cmp.Or(one.Title, f.Title)
		m.Files = append(m.Files, f.ID)
		told = append(told, s.tellFile(f))
	}
	ids := strings.Split(cmp.Or(a.text("channel_id"), a.text("channels")), ",")
	if ids[0] == "" { // no chat is named
		return result(object{"files": told}) // kept, and shown nowhere
	}
	for _, id := range ids {
		a.set("channel", id)
		c, refused := s.writable(t, a)
		if refused != nil {
			return *refused
		}
		thread, refused := c.thread(a)
		if refused != nil {
			return *refused
		}
		m.TS, m.Thread = s.stamp(), thread
		c.Messages = append(c.Messages, m)
		event := s.tellBot(t, &m)
		event["subtype"], event["files"], event["upload"] = "file_share", told, false
		s.echo(t, c, event)
	}
	// Only now, since a refusal above shares nothing.
	for _, f := range m.Files {
		s.files[f].shared = true
	}
	return result(object{"files": told})
}

// loginPage is what Slack answers, with 200, where the token is missing or lacks files:read.
const loginPage = `<!DOCTYPE html><html lang="en"><head><title>Login | Slack</title></head><body>Sign in</body></html>`

// serveFile serves url_private and url_private_download.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	where := strings.Split(strings.TrimPrefix(r.URL.Path, "/files-pri/"), "/")
	_, id, _ := strings.Cut(where[0], "-")
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	f := s.files[id]
	team, refused := s.authorize(token, method{scope: "files:read"})
	s.mu.Unlock()
	switch {
	case refused != nil:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, loginPage)
	case f == nil || f.team != team.ID:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", f.MIME)
		_, _ = io.Copy(w, bytes.NewReader(f.Data))
	}
}
