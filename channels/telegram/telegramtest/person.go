package telegramtest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// File is a file at Telegram.
type File struct {
	Name string
	Data []byte
	// Caption is what a person writes below it.
	Caption string
}

// object is JSON.
type object = map[string]any

// person is how Telegram tells of one.
func person(id int64) object {
	return object{"id": id, "is_bot": false, "first_name": "Ina", "language_code": "de"}
}

// bot is how Telegram tells of the bot.
func (s *Server) bot() object {
	return object{"id": BotID, "is_bot": true, "first_name": "Vox", "username": s.options.Username}
}

// where is how Telegram tells of a chat: a private one has the person's id, one of a group is
// negative.
func where(id int64) object {
	if id > 0 {
		return object{"id": id, "first_name": "Ina", "type": "private"}
	}
	return object{"id": id, "title": "Crew", "type": "supergroup"}
}

// Say has somebody write to the bot in a private chat, and returns the id of the update.
func (s *Server) Say(from int64, text string) int64 {
	return s.message(from, from, object{"text": text, "entities": commandIn(text)})
}

// SayIn has somebody write in a group.
func (s *Server) SayIn(group, from int64, text string) int64 {
	entities := commandIn(text)
	if at := strings.Index(text, "@"+s.options.Username); at >= 0 && len(entities) == 0 {
		entities = []Entity{{Type: "mention", Offset: length(text[:at]), Length: len(s.options.Username) + 1}}
	}
	return s.message(group, from, object{"text": text, "entities": entities})
}

func commandIn(text string) []Entity {
	if !strings.HasPrefix(text, "/") {
		return nil
	}
	command, _, _ := strings.Cut(text, " ")
	return []Entity{{Type: "bot_command", Length: length(command)}}
}

// SayTopic has somebody write a command in a topic of a forum.
func (s *Server) SayTopic(group, topic, from int64, text string) int64 {
	s.mu.Lock()
	s.chat(group).topics = true
	s.mu.Unlock()
	return s.message(group, from, object{"text": text, "entities": commandIn(text), "message_thread_id": topic, "is_topic_message": true})
}

// Attach has somebody send a file, of a kind such as "voice" or "document".
func (s *Server) Attach(from int64, kind, mime string, file File) int64 {
	id := "up-" + kind + "-" + strconv.Itoa(len(file.Data))
	s.mu.Lock()
	s.files[id] = file
	s.mu.Unlock()
	one := object{"file_id": id, "file_unique_id": "u" + id, "file_size": len(file.Data)}
	for name, value := range (object{"mime_type": mime, "file_name": file.Name, "duration": 3, "width": 90, "height": 60}) {
		if strings.Contains(fieldsOf(kind), name) {
			one[name] = value
		}
	}
	content := object{kind: one}
	if kind == "photo" {
		content[kind] = []object{one}
	}
	if file.Caption != "" {
		content["caption"] = file.Caption
	}
	return s.message(from, from, content)
}

// fieldsOf are the fields of a kind of file, beside those of all.
func fieldsOf(kind string) string {
	return map[string]string{
		"photo": "width height", "voice": "duration mime_type", "audio": "duration mime_type file_name",
		"video": "duration mime_type file_name width height", "document": "mime_type file_name",
	}[kind]
}

// message queues what somebody sent.
func (s *Server) message(chat, from int64, content object) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	c := s.chat(chat)
	c.blocked = false
	text, _ := content["text"].(string)
	c.Messages = append(c.Messages, Shown{ID: s.nextID, Text: text, Kind: "text"})
	content["message_id"], content["from"], content["chat"], content["date"] = s.nextID, person(from), where(chat), 1_790_000_000
	return s.queue(chat, object{"message": content})
}

// Press presses the button of that title below the last message that has one, and reports
// whether there is one: an inline button, or one of the keyboard, which says its title.
func (s *Server) Press(chat int64, title string) bool {
	s.mu.Lock()
	c := s.chat(chat)
	has := func(b Button) bool { return b.Text == title }
	for _, m := range slices.Backward(c.Messages) {
		for _, row := range m.Buttons {
			if i := slices.IndexFunc(row, has); i >= 0 && row[i].URL == "" {
				s.nextID++
				s.queue(chat, object{"callback_query": object{
					"id": strconv.FormatInt(s.nextID, 10), "from": person(max(chat, 4201)), "chat_instance": "-88", "data": row[i].Data,
					"message": object{"message_id": m.ID, "from": s.bot(), "chat": where(chat), "date": 1_790_000_000, "text": m.Text},
				}})
				s.inbox.queries[strconv.FormatInt(s.nextID, 10)] = false
				s.mu.Unlock()
				return true
			}
		}
	}
	onKeyboard := slices.ContainsFunc(c.keyboard, func(row []Button) bool { return slices.ContainsFunc(row, has) })
	s.mu.Unlock()
	if onKeyboard {
		s.Say(chat, title)
	}
	return onKeyboard
}

// Stop presses the button that stops the draft of a chat, and reports whether there is one.
func (s *Server) Stop(chat int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(chat)
	if c.stop == nil {
		return false
	}
	s.queue(chat, object{"stopped_message_generation": c.stop})
	c.stop = nil
	return true
}

// answerQuery stops a button that turns.
func (s *Server) answerQuery(a args) answer {
	id := a.text("callback_query_id")
	if answered, ok := s.inbox.queries[id]; !ok || answered {
		return refuse(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
	}
	s.inbox.queries[id] = true
	return result(true)
}

// Turning counts the buttons that were pressed and not answered.
func (s *Server) Turning() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, answered := range s.inbox.queries {
		if !answered {
			n++
		}
	}
	return n
}

// Block has somebody block the bot, which Telegram tells it.
func (s *Server) Block(chat int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chat(chat).blocked = true
	s.queue(chat, object{"my_chat_member": object{
		"chat": where(chat), "from": person(chat), "date": 1_790_000_000,
		"old_chat_member": object{"user": s.bot(), "status": "member"},
		"new_chat_member": object{"user": s.bot(), "status": "kicked", "until_date": 0},
	}})
}

// Migrate makes a supergroup of a group, and tells the bot in both.
func (s *Server) Migrate(from, to int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chat(from).movedTo = to
	s.chat(to)
	for chat, content := range map[int64]object{from: {"migrate_to_chat_id": to}, to: {"migrate_from_chat_id": from}} {
		s.nextID++
		content["message_id"], content["chat"], content["date"] = s.nextID, where(chat), 1_790_000_000
		s.queue(chat, object{"message": content})
	}
}

func (s *Server) getFile(a args) answer {
	id := a.text("file_id")
	file, ok := s.files[id]
	switch {
	case !ok:
		return refuse(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
	case len(file.Data) > 20<<20:
		return refuse(400, "Bad Request: file is too big")
	}
	return result(object{"file_id": id, "file_unique_id": "u" + id, "file_size": len(file.Data), "file_path": "documents/" + id})
}

func (s *Server) serveFile(w http.ResponseWriter, token, path string) {
	s.mu.Lock()
	file, ok := s.files[strings.TrimPrefix(path, "documents/")]
	s.mu.Unlock()
	if token != s.options.Token || !ok {
		http.NotFound(w, nil)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(file.Data)
}
