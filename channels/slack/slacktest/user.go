package slacktest

import (
	"maps"
	"slices"
	"strconv"
)

// user is somebody of a workspace.
type user struct {
	id, name, team string
	bot            string // the bot's id, "" for a person
	gone           bool
}

// person returns somebody, who is there once asked for. The lock is held.
func (s *Server) person(team, id string) *user {
	if s.users[id] == nil {
		name := "ina"
		if id != Ina {
			name = "user-" + id
		}
		s.users[id] = &user{id: id, name: name, team: team}
	}
	return s.users[id]
}

// tell is how Slack tells of somebody. https://docs.slack.dev/reference/objects/user-object
func (u *user) tell() object {
	profile := object{"real_name": "Ina of " + u.id, "display_name": u.name, "team": u.team}
	if u.bot != "" {
		profile["real_name"], profile["bot_id"] = "Vox", u.bot
	}
	return object{
		"id": u.id, "team_id": u.team, "name": u.name, "real_name": profile["real_name"], "deleted": u.gone,
		"is_bot": u.bot != "", "tz": "Europe/Berlin", "locale": "de-DE", "profile": profile,
	}
}

// userInfo tells of somebody. https://docs.slack.dev/reference/methods/users.info
func (s *Server) userInfo(t *Team, a *args) answer {
	u := s.users[a.text("user")]
	switch {
	case !a.has("user"):
		return without("user")
	case u == nil || u.team != t.ID:
		return refuse("user_not_found")
	}
	return result(object{"user": u.tell()})
}

// userList lists a workspace in pages. https://docs.slack.dev/apis/web-api/pagination
func (s *Server) userList(t *Team, a *args) answer {
	var all []object
	for _, id := range slices.Sorted(maps.Keys(s.users)) {
		if u := s.users[id]; u.team == t.ID {
			all = append(all, u.tell())
		}
	}
	from := 0
	if a.has("cursor") {
		n, err := strconv.Atoi(a.text("cursor"))
		if err != nil || n < 0 || n > len(all) {
			return refuse("invalid_cursor")
		}
		from = n
	}
	// Without a limit there is one page, and an empty cursor says that there is no other.
	to, next := len(all), ""
	if limit := a.number("limit"); limit > 0 && from+limit < len(all) {
		to = from + limit
		next = strconv.Itoa(to)
	}
	return result(object{"members": all[from:to], "response_metadata": object{"next_cursor": next}})
}
