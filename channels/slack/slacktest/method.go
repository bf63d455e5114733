package slacktest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// method is a method of the Web API.
type method struct {
	// tier is how often it may be called: 1 to 4, perChannel, or 0 for as often as wanted.
	tier int
	// scope is what the token must have, "" for nothing.
	scope string
	// serve makes the call. The lock is held.
	serve func(*Server, *Team, *args) answer
}

const (
	perChannel = -1
	appScope   = "connections:write" // of the app's token, not of the bot's
)

// methods are those that there are. https://docs.slack.dev/reference/methods
func methods() map[string]method {
	return map[string]method{
		"auth.test":                    {0, "", (*Server).authTest},
		"apps.connections.open":        {3, appScope, (*Server).openConnection},
		"chat.postMessage":             {perChannel, "chat:write", (*Server).postMessage},
		"chat.postEphemeral":           {4, "chat:write", (*Server).postEphemeral},
		"chat.update":                  {3, "chat:write", (*Server).updateMessage},
		"chat.delete":                  {3, "chat:write", (*Server).deleteMessage},
		"chat.startStream":             {2, "chat:write", (*Server).startStream},
		"chat.appendStream":            {4, "chat:write", (*Server).appendStream},
		"chat.stopStream":              {2, "chat:write", (*Server).stopStream},
		"assistant.threads.setStatus":  {4, "chat:write", (*Server).setStatus},
		"conversations.info":           {3, "channels:read", (*Server).conversationInfo},
		"conversations.open":           {3, "im:write", (*Server).openConversation},
		"files.completeUploadExternal": {4, "files:write", (*Server).completeUpload},
		"files.getUploadURLExternal":   {4, "files:write", (*Server).getUploadURL},
		"files.info":                   {4, "files:read", (*Server).fileInfo},
		"users.info":                   {4, "users:read", (*Server).userInfo},
		"users.list":                   {2, "users:read", (*Server).userList},
	}
}

// allScopes are those that a bot's token can need.
func allScopes() (scopes []string) {
	for _, m := range methods() {
		if m.scope != "" && m.scope != appScope {
			scopes = append(scopes, m.scope)
		}
	}
	scopes = append(scopes, "app_mentions:read", "channels:history", "groups:history", "im:history", "mpim:history", "commands")
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// serveMethod answers a call of the Web API.
func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request, name string) {
	a, err := readArgs(r)
	if err != nil {
		refuse(err.Error()).write(w)
		return
	}
	// Go's clients send the token in the form, Slack's own in the header.
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		token = a.text("token")
	}
	team, made := s.call(token, name, a)
	if team != nil && token != s.options.AppToken {
		w.Header().Set("X-Oauth-Scopes", strings.Join(s.options.Scopes, ","))
		if scope := methods()[name].scope; scope != "" {
			w.Header().Set("X-Accepted-Oauth-Scopes", scope)
		}
	}
	made.write(w)
}

// call makes a call, and returns the workspace of its token.
func (s *Server) call(token, name string, a *args) (*Team, answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	team, made := s.make(token, name, a)
	call := Call{Method: name, Args: a.plain(), Error: made.code(), Status: made.httpStatus(), At: time.Now()}
	if team != nil {
		call.Team = team.ID
	}
	s.record.calls = append(s.record.calls, call)
	return team, made
}

// make is call without the record of it. The lock is held.
func (s *Server) make(token, name string, a *args) (*Team, answer) {
	// Before all else, so that a test can order what the Server would not say by itself.
	if f := s.fault(name); f != nil {
		return nil, *f
	}
	m, ok := methods()[name]
	if !ok {
		return nil, refuse("unknown_method")
	}
	team, refused := s.authorize(token, m)
	if refused != nil {
		return team, *refused
	}
	if wait := s.tooMuch(team, name, m, a); wait > 0 {
		return team, tooMany(wait)
	}
	return team, m.serve(s, team, a)
}

// Methods are the names of the methods that the Server has.
func Methods() []string { return slices.Sorted(maps.Keys(methods())) }
