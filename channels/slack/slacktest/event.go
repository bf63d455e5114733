package slacktest

import (
	"strings"
	"time"
)

// event delivers an event of a chat, and returns its event_id. The lock is held. Beside the
// workspace that has installed the app, the event may name that of the sender:
// https://docs.slack.dev/apis/slack-connect.
func (s *Server) event(team, chat string, e object) string {
	id := s.id("Ev")  // message and app_mention of one mention have two
	t := s.team(team) // nil for one that is pushed and has not installed the app
	body := object{
		"token": "fake", "team_id": team, "context_team_id": team, "context_enterprise_id": nil, "api_app_id": AppID,
		"event": e, "type": "event_callback", "event_id": id, "event_time": time.Now().Unix(),
		"is_ext_shared_channel": false, "event_context": "4-" + id,
	}
	if t != nil {
		body["authorizations"] = []object{{
			"enterprise_id": t.enterprise(), "team_id": team, "user_id": t.BotUser, "is_bot": true, "is_enterprise_install": t.Enterprise != "",
		}}
		body["context_enterprise_id"] = t.enterprise()
	}
	if sender, ok := e["user_team"]; ok && sender != team {
		body["is_ext_shared_channel"] = true
	}
	s.queue(chat, &delivery{id: id, kind: kindEvent, payload: body})
	return id
}

// Push delivers an event as it is, of a workspace that need not have installed the app, and
// returns its event_id.
func (s *Server) Push(team, chat string, event map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.event(team, chat, event)
}

// PushPayload delivers an interactive payload as it is.
func (s *Server) PushPayload(chat string, payload map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue(chat, &delivery{id: s.id("P"), kind: kindInteractive, payload: payload})
}

// RateLimited tells the app that it got too many events, as Slack does above 30,000 an hour.
func (s *Server) RateLimited(team string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	minute := time.Now().Truncate(time.Minute).Unix()
	s.queue("", &delivery{id: s.id("Rl"), kind: kindEvent, payload: object{
		"token": "fake", "type": "app_rate_limited", "team_id": team, "minute_rate_limited": minute, "api_app_id": AppID,
	}})
}

// echo delivers to the app what it has written itself, as its subscriptions to messages do: an
// app that does not know its own messages answers itself for ever.
func (s *Server) echo(t *Team, c *Chat, told object) {
	e := object{"channel": c.id, "channel_type": c.kind(), "event_ts": told["ts"]}
	for name, value := range told {
		e[name] = value
	}
	s.event(t.ID, c.id, e)
}

// changedEvent tells that a message was changed.
func (s *Server) changedEvent(c *Chat, now, before object) {
	ts := s.stamp()
	s.event(c.team, c.id, object{
		"type": "message", "subtype": "message_changed", "hidden": true, "channel": c.id, "channel_type": c.kind(),
		"ts": ts, "event_ts": ts, "message": now, "previous_message": before,
	})
}

// deletedEvent tells that a message was deleted.
func (s *Server) deletedEvent(c *Chat, deleted string) {
	ts := s.stamp()
	s.event(c.team, c.id, object{
		"type": "message", "subtype": "message_deleted", "hidden": true, "channel": c.id, "channel_type": c.kind(),
		"ts": ts, "event_ts": ts, "deleted_ts": deleted,
	})
}

// mentions reports whether a text mentions the bot.
func (t *Team) mentions(text string) bool {
	return strings.Contains(text, "<@"+t.BotUser+">") || strings.Contains(text, "<@"+t.BotUser+"|")
}
