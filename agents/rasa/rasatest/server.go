package rasatest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Options says how Rasa is started. The zero value is a bot with Rasa's REST channel and
// without an action server.
type Options struct {
	// Credentials is the text of credentials.yml. Default "rest:\n".
	Credentials string
	// Endpoints is the text of endpoints.yml, to which the address of the action server
	// is added.
	Endpoints string
	// Actions starts the bot's action server too.
	Actions bool
	// Files are written beside credentials.yml, by their paths: modules that Credentials
	// names, for one.
	Files map[string]string
	// Env is added to Rasa's environment, each as NAME=value.
	Env []string
	// Persistent keeps the trackers in a file, so that they outlive a Kill.
	Persistent bool
}

// Server is a running Rasa. Its methods may be called by several tests at once, those that
// end it excepted.
type Server struct {
	// URL is its address, such as http://127.0.0.1:20042, also after a Restart.
	URL string
	// Actions is its action server; nil if Options did not ask for one.
	Actions *Actions

	t       testing.TB
	python  string
	process process
}

// Start starts Rasa, with its HTTP API, and returns when it takes messages. It ends with
// the test, and its last lines are shown if the test has failed.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	python := Python(t)
	trained := model(t, python)
	dir := t.TempDir()
	s := &Server{t: t, python: python}
	if o.Actions {
		s.Actions = startActions(t, python)
		o.Endpoints += "\naction_endpoint:\n  url: " + s.Actions.URL + "/webhook\n"
	}
	if o.Persistent {
		o.Endpoints += "\ntracker_store:\n  type: SQL\n  dialect: sqlite\n  db: " + filepath.Join(dir, "trackers.db") + "\n"
	}
	if o.Credentials == "" {
		o.Credentials = "rest:\n"
	}
	for name, text := range o.Files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), text)
	}
	write(t, filepath.Join(dir, "credentials.yml"), o.Credentials)
	write(t, filepath.Join(dir, "endpoints.yml"), o.Endpoints+"\n")
	s.process = process{
		name:  "Rasa",
		dir:   dir,
		env:   environment(o.Env...),
		ready: "Rasa server is up and running.",
		args: func(port int) []string {
			return []string{"rasa", "run", "--enable-api", "--interface", "127.0.0.1", "--port", strconv.Itoa(port),
				"--credentials", "credentials.yml", "--endpoints", "endpoints.yml", "--model", trained}
		},
	}
	s.process.start(t, python)
	s.URL = "http://" + s.process.address()
	return s
}

// Kill ends Rasa by SIGKILL and returns when it has ended.
func (s *Server) Kill() { s.process.kill() }

// Log returns the last 200 lines that Rasa has written.
func (s *Server) Log() string { return s.process.log() }

// Restart starts Rasa at its old address, after a Kill if it still runs, and returns when
// it takes messages.
func (s *Server) Restart() {
	s.t.Helper()
	s.process.restart(s.t, s.python)
}

// Tracker is what Rasa knows of a conversation.
type Tracker struct {
	Sender             string  `json:"sender_id"`
	LatestInputChannel string  `json:"latest_input_channel"`
	Events             []Event `json:"events"`
}

// Event is something that happened in a conversation.
type Event struct {
	Event        string          `json:"event"` // such as user or bot
	Text         string          `json:"text"`
	InputChannel string          `json:"input_channel"`
	MessageID    string          `json:"message_id"`
	Metadata     json.RawMessage `json:"metadata"`
}

// Of returns the events of a kind, such as user or bot.
func (tr Tracker) Of(kind string) []Event {
	var found []Event
	for _, e := range tr.Events {
		if e.Event == kind {
			found = append(found, e)
		}
	}
	return found
}

// Tracker returns what Rasa knows of the conversation with a sender.
func (s *Server) Tracker(t testing.TB, sender string) Tracker {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		s.URL+"/conversations/"+url.PathEscape(sender)+"/tracker?include_events=ALL", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var tracker Tracker
	if err := json.NewDecoder(resp.Body).Decode(&tracker); err != nil {
		t.Fatalf("tracker of %s: %s: %v", sender, resp.Status, err)
	}
	return tracker
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
