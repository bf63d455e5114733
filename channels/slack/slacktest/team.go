package slacktest

import (
	"cmp"
	"slices"
	"strings"
)

// Team is a workspace that has installed the app.
type Team struct {
	// ID is the workspace's, which starts with T.
	ID string
	// Domain is its name in addresses. Default the ID in lower case.
	Domain string
	// Token is the bot's there. Default "xoxb-fake-" and the ID.
	Token string
	// BotUser and BotID are the bot's there. Default UBOT and BBOT with the ID.
	BotUser, BotID string
	// Enterprise is the organisation that has installed the app for all of its workspaces, ""
	// where the workspace itself has.
	Enterprise string

	revoked string // the error string that its token is refused with
}

// addTeams makes the workspaces of the options.
func (s *Server) addTeams() {
	first := Team{ID: TeamID, Domain: "ex", Token: s.options.Token, BotUser: BotUser, BotID: BotID}
	for _, t := range append([]Team{first}, s.options.Teams...) {
		t.Domain = cmp.Or(t.Domain, strings.ToLower(t.ID))
		t.Token = cmp.Or(t.Token, "xoxb-fake-"+t.ID)
		t.BotUser = cmp.Or(t.BotUser, "UBOT"+t.ID)
		t.BotID = cmp.Or(t.BotID, "BBOT"+t.ID)
		s.teams = append(s.teams, &t)
		s.users[t.BotUser] = &user{id: t.BotUser, name: "vox", team: t.ID, bot: t.BotID}
	}
}

// team returns a workspace, nil when it has not installed the app.
func (s *Server) team(id string) *Team {
	if i := slices.IndexFunc(s.teams, func(t *Team) bool { return t.ID == id }); i >= 0 {
		return s.teams[i]
	}
	return nil
}

// Revoke has the token of a workspace refused from now on with an error string, such as
// token_revoked or account_inactive.
func (s *Server) Revoke(team, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.team(team); t != nil {
		t.revoked = code
	}
}

// authorize finds whose token a call of a method has, or says why it is refused. The lock is
// held.
func (s *Server) authorize(token string, m method) (*Team, *answer) {
	no := func(code string) (*Team, *answer) { a := refuse(code); return nil, &a }
	if token == "" {
		return no("not_authed")
	}
	// A token of the wrong kind has a string of its own, so that who mixes them up learns it.
	if token == s.options.AppToken {
		if m.scope != appScope {
			return no("not_allowed_token_type")
		}
		return s.teams[0], nil
	}
	i := slices.IndexFunc(s.teams, func(t *Team) bool { return t.Token == token })
	switch {
	case i < 0:
		return no("invalid_auth")
	case s.teams[i].revoked != "":
		return no(s.teams[i].revoked)
	case m.scope == appScope:
		return no("not_allowed_token_type")
	case m.scope != "" && !slices.Contains(s.options.Scopes, m.scope):
		a := refuse("missing_scope")
		a.object["needed"], a.object["provided"] = m.scope, strings.Join(s.options.Scopes, ",")
		return s.teams[i], &a
	}
	return s.teams[i], nil
}

// enterprise is the id of the organisation, null without one.
func (t *Team) enterprise() any {
	if t.Enterprise == "" {
		return nil
	}
	return t.Enterprise
}

// authTest says whose token it is. https://docs.slack.dev/reference/methods/auth.test
func (s *Server) authTest(t *Team, _ *args) answer {
	o := object{
		"url": "https://" + t.Domain + ".slack.com/", "team": t.Domain, "user": "vox", "team_id": t.ID,
		"user_id": t.BotUser, "bot_id": t.BotID, "is_enterprise_install": t.Enterprise != "",
	}
	if t.Enterprise != "" {
		o["enterprise_id"] = t.Enterprise
	}
	return result(o)
}
