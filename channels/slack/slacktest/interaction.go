package slacktest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Click clicks the button of that title below the last message that has one, and reports whether
// there is one.
func (p Person) Click(chat, label string) bool {
	return p.act(chat, func(e object) object {
		b := e
		if kindOf(e) == "feedback_buttons" { // two buttons in one element
			b, _ = e["positive_button"].(object)
			if title(b) != label {
				b, _ = e["negative_button"].(object)
			}
		} else if !strings.HasSuffix(kindOf(e), "button") {
			return nil
		}
		if title(b) != label {
			return nil
		}
		action := object{"text": b["text"]}
		for _, name := range []string{"value", "url"} {
			if b[name] != nil {
				action[name] = b[name]
			}
		}
		return action
	})
}

// Choose chooses the options of these titles in the last menu that has them all. In a menu for
// one it takes one title, in one for several as many as are wanted.
func (p Person) Choose(chat string, labels ...string) bool {
	return p.act(chat, func(e object) object {
		all := objects(e["options"])
		for _, g := range objects(e["option_groups"]) {
			all = append(all, objects(g["options"])...)
		}
		var chosen []object
		for _, label := range labels {
			i := slices.IndexFunc(all, func(o object) bool { return title(o) == label })
			if i < 0 {
				return nil
			}
			chosen = append(chosen, all[i])
		}
		switch kind := kindOf(e); {
		case strings.HasPrefix(kind, "multi_"), kind == "checkboxes":
			return object{"selected_options": chosen}
		case len(chosen) == 1:
			return object{"selected_option": chosen[0]}
		}
		return nil
	})
}

// picked is the field of an action that has what was picked in an element of a kind.
func picked() map[string]string {
	return map[string]string{
		"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time",
		"users_select": "selected_user", "conversations_select": "selected_conversation", "channels_select": "selected_channel",
		"plain_text_input": "value",
	}
}

// Pick picks a date, a time, a user and the like in the last element of that kind, such as
// "datepicker".
func (p Person) Pick(chat, kind string, value any) bool {
	return p.act(chat, func(e object) object {
		if kindOf(e) != kind || picked()[kind] == "" {
			return nil
		}
		return object{picked()[kind]: value}
	})
}

// kindOf returns the type of an element.
func kindOf(e object) string {
	kind, _ := e["type"].(string)
	return kind
}

// act finds the last element of which match makes an action, and delivers that.
func (p Person) act(chat string, match func(e object) object) bool {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chat]
	if c == nil {
		return false
	}
	for i := range slices.Backward(c.Messages) {
		m := &c.Messages[i]
		// What is for another person alone, this one does not see.
		if m.OnlyFor != "" && m.OnlyFor != p.ID || !m.FromBot {
			continue
		}
		for _, b := range m.Blocks {
			for _, e := range elements(b) {
				if action := match(e); action != nil {
					p.deliver(c, m, b, e, action)
					return true
				}
			}
		}
	}
	return false
}

// deliver delivers a payload of block_actions.
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
func (p Person) deliver(c *Chat, m *Shown, block, e, action object) {
	s, t := p.s, p.s.team(c.team)
	action["type"], action["action_id"], action["block_id"], action["action_ts"] = e["type"], e["action_id"], block["block_id"], s.stamp()
	container := object{"type": "message", "message_ts": m.TS, "channel_id": c.id, "is_ephemeral": m.OnlyFor != ""}
	if m.Thread != "" {
		container["thread_ts"] = m.Thread
	}
	payload := p.payload(c, "block_actions")
	values := object{}
	if !strings.Contains(kindOf(e), "button") { // a button has no state
		values[block["block_id"].(string)] = object{e["action_id"].(string): action}
	}
	payload["container"], payload["state"], payload["actions"] = container, object{"values": values}, []object{action}
	payload["response_url"] = s.responseURL("actions", hook{team: c.team, chat: c.id, user: p.ID, message: m.TS})
	if m.OnlyFor == "" { // Slack keeps no message that is for one person
		payload["message"] = s.tellBot(t, m)
	}
	p.queue(c, kindInteractive, payload)
}

// payload is what every interactive payload has.
func (p Person) payload(c *Chat, kind string) object {
	t := p.s.team(c.team)
	o := object{
		"type": kind, "api_app_id": AppID, "token": "fake", "trigger_id": p.trigger(),
		"user":       object{"id": p.ID, "username": p.s.person(p.Team, p.ID).name, "team_id": p.Team},
		"team":       object{"id": t.ID, "domain": t.Domain},
		"enterprise": nil, "is_enterprise_install": false, "channel": object{"id": c.id, "name": c.name()},
	}
	if t.Enterprise != "" { // then the workspace is named nowhere but at the user
		o["team"], o["enterprise"], o["is_enterprise_install"] = nil, object{"id": t.Enterprise, "name": "ex"}, true
	}
	return o
}

// trigger returns a trigger_id, with which an app could open a view. The lock is held.
func (p Person) trigger() string {
	p.s.ids.next++
	return strconv.Itoa(p.s.ids.next) + ".1790000000.fake"
}

// queue delivers a payload or a command, and warns the person when the app does not answer.
func (p Person) queue(c *Chat, kind string, payload object) {
	warn := func(problem string) { c.Warnings = append(c.Warnings, problem) }
	p.s.queue(c.id, &delivery{id: p.s.id("P"), kind: kind, payload: payload, failed: warn})
}

// Shortcut chooses the shortcut of a message. https://docs.slack.dev/interactivity/implementing-shortcuts
func (p Person) Shortcut(chat, ts, callback string) bool {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(p.Team, chat)
	m := c.find(ts)
	if m == nil {
		return false
	}
	payload := p.payload(c, "message_action")
	payload["callback_id"], payload["message_ts"], payload["action_ts"], payload["message"] = callback, ts, s.stamp(), p.tell(c, m)
	payload["response_url"] = s.responseURL("actions", hook{team: c.team, chat: c.id, user: p.ID})
	p.queue(c, kindInteractive, payload)
	return true
}

// Command types a slash command, such as "/ask", in a chat. Its answer is shown to the person
// alone unless the app wants all to see it.
func (p Person) Command(chat, command, text string) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(p.Team, chat)
	t := s.team(c.team)
	h := hook{team: t.ID, chat: chat, user: p.ID}
	payload := object{
		"token": "fake", "team_id": t.ID, "team_domain": t.Domain, "channel_id": c.id, "channel_name": c.name(),
		"user_id": p.ID, "user_name": s.person(p.Team, p.ID).name, "command": command, "text": text, "api_app_id": AppID,
		"is_enterprise_install": "false", "response_url": s.responseURL("commands", h), "trigger_id": p.trigger(),
	}
	s.queue(c.id, &delivery{
		id: s.id("P"), kind: kindCommand, payload: payload,
		taken: func(body []byte) { s.commandAnswer(&h, body) },
		failed: func(problem string) {
			c.Warnings = append(c.Warnings, command+` failed with the error "`+commandError(problem)+`"`)
		},
	})
}

// commandError is what Slackbot says of a command that failed, as people quote it in
// https://github.com/integrations/slack/issues/352 and
// https://github.com/Netflix/dispatch/issues/495.
func commandError(problem string) string {
	switch problem {
	case httpTimeout, socketTimeout:
		return "operation_timeout"
	case httpError:
		return "http_client_error"
	}
	return "dispatch_failed"
}

// commandAnswer shows what the app has answered a command with: JSON, or a text.
func (s *Server) commandAnswer(h *hook, body []byte) {
	a := &args{}
	text := strings.TrimSpace(string(body))
	if text == "" || text == "{}" || text == "null" {
		return
	}
	if json.Unmarshal(body, &a.values) != nil {
		a = &args{values: map[string]json.RawMessage{}}
		a.set("text", text)
	}
	_ = s.respond(h, a)
}
