package telegram

import (
	"encoding/json"
	"strconv"
	"strings"
)

// update is one thing that Telegram tells. Kinds that are not here are not turns.
// https://core.telegram.org/bots/api#update
type update struct {
	ID      int64          `json:"update_id"`
	Message *message       `json:"message"`
	Edited  *message       `json:"edited_message"`
	Query   *callbackQuery `json:"callback_query"`
	Stopped *stoppedDraft  `json:"stopped_message_generation"`
}

// message is what somebody wrote. Of its fields these are read; the others, and new ones, do
// no harm. https://core.telegram.org/bots/api#message
type message struct {
	ID              int64    `json:"message_id"`
	ThreadID        int64    `json:"message_thread_id"`
	IsTopic         bool     `json:"is_topic_message"`
	From            *user    `json:"from"`
	SenderChat      *chat    `json:"sender_chat"`
	Chat            chat     `json:"chat"`
	Text            string   `json:"text"`
	Entities        []entity `json:"entities"`
	Caption         string   `json:"caption"`
	CaptionEntities []entity `json:"caption_entities"`
	MediaGroup      string   `json:"media_group_id"`
	ReplyTo         *struct {
		ID   int64 `json:"message_id"`
		From *user `json:"from"`
	} `json:"reply_to_message"`
	location
	media
}

// location are the contents of a message that are neither text nor file.
type location struct {
	Location *struct {
		Latitude  json.Number `json:"latitude"`
		Longitude json.Number `json:"longitude"`
	} `json:"location"`
	WebApp *struct {
		Data string `json:"data"`
	} `json:"web_app_data"`
	Venue   json.RawMessage `json:"venue"`
	Contact json.RawMessage `json:"contact"`
	Poll    json.RawMessage `json:"poll"`
	Dice    json.RawMessage `json:"dice"`
	Users   json.RawMessage `json:"users_shared"`
	Shared  json.RawMessage `json:"chat_shared"`
	Payment json.RawMessage `json:"successful_payment"`
}

type callbackQuery struct {
	ID      string   `json:"id"`
	From    *user    `json:"from"`
	Message *message `json:"message"` // nil below a message that was sent inline
	Data    string   `json:"data"`
}

type user struct {
	ID       int64  `json:"id"`
	IsBot    bool   `json:"is_bot,omitempty"`
	First    string `json:"first_name,omitempty"`
	Last     string `json:"last_name,omitempty"`
	Username string `json:"username,omitempty"`
	Language string `json:"language_code,omitempty"`
}

type chat struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"`
	Title    string `json:"title,omitempty"`
	Username string `json:"username,omitempty"`
}

// entity is a part of a text that is more than text. Offset and Length count UTF-16.
type entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	User   *user  `json:"user"`
}

// written returns the text or caption, and its entities.
func (m *message) written() (string, []entity) {
	if m.Text == "" {
		return m.Caption, m.CaptionEntities
	}
	return m.Text, m.Entities
}

// other returns what stands for the text of a message without one: a location as Rasa writes
// it, anything else as Telegram's JSON.
func (l *location) other() string {
	switch {
	case l.Location != nil:
		return `{"lng":` + l.Location.Longitude.String() + `, "lat":` + l.Location.Latitude.String() + `}`
	case l.WebApp != nil:
		return l.WebApp.Data
	}
	for _, value := range []json.RawMessage{l.Venue, l.Contact, l.Poll, l.Dice, l.Users, l.Shared, l.Payment} {
		if len(value) > 0 && string(value) != "null" {
			return string(value)
		}
	}
	return ""
}

// senderOf returns the conversation: the chat, as under Rasa, and the topic where there is one.
// A thread id without is_topic_message is that of a plain reply, and can't be sent back.
func senderOf(m *message) string {
	sender := strconv.FormatInt(m.Chat.ID, 10)
	if m.IsTopic && m.ThreadID != 0 {
		sender += ":" + strconv.FormatInt(m.ThreadID, 10)
	}
	return sender
}

// splitSender takes apart what senderOf has made.
func splitSender(sender string) (chat string, topic int64) {
	chat, thread, _ := strings.Cut(sender, ":")
	return chat, parseID(thread)
}

// parseID reads an id, 0 for what is none.
func parseID(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return id
}
