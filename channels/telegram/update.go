package telegram

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/channels"
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
	metadata
	IsTopic         bool     `json:"is_topic_message"`
	MovedTo         int64    `json:"migrate_to_chat_id"`
	MovedFrom       int64    `json:"migrate_from_chat_id"`
	SenderChat      *chat    `json:"sender_chat"`
	Text            string   `json:"text"`
	Entities        []entity `json:"entities"`
	Caption         string   `json:"caption"`
	CaptionEntities []entity `json:"caption_entities"`
	ReplyTo         *struct {
		ID   int64 `json:"message_id"`
		From *user `json:"from"`
	} `json:"reply_to_message"`
	location
	media
}

// location are the contents of a message that are neither text nor file.
type location struct {
	Location *struct{ Latitude, Longitude json.Number } `json:"location"`
	WebApp   *struct{ Data string }                     `json:"web_app_data"`
	Poll     json.RawMessage                            `json:"poll"`
	Dice     json.RawMessage                            `json:"dice"`
	Users    json.RawMessage                            `json:"users_shared"`
	Shared   json.RawMessage                            `json:"chat_shared"`
	Payment  json.RawMessage                            `json:"successful_payment"`
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
func (m *message) other() string {
	switch {
	case m.Location != nil:
		return `{"lng":` + m.Location.Longitude.String() + `, "lat":` + m.Location.Latitude.String() + `}`
	case m.WebApp != nil:
		return m.WebApp.Data
	}
	for _, value := range []json.RawMessage{m.Venue, m.Contact, m.Poll, m.Dice, m.Users, m.Shared, m.Payment} {
		if len(value) > 0 && string(value) != "null" {
			return string(value)
		}
	}
	return ""
}

// senderOf returns the conversation: the chat, as under Rasa, and the topic where there is one.
func senderOf(chat, topic int64) string {
	if topic == 0 {
		return strconv.FormatInt(chat, 10)
	}
	return strconv.FormatInt(chat, 10) + ":" + strconv.FormatInt(topic, 10)
}

// splitSender takes apart what senderOf has made.
func splitSender(sender string) (chat string, topic int64) {
	chat, thread, _ := strings.Cut(sender, ":")
	return chat, parseID(thread)
}

// parseID reads an id, 0 for what is none.
func parseID(text string) (id int64) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return id
	}
	return 0
}

// metadata is what the assistant is told of a message beside its text, under Telegram's names. It
// depends on the update alone, so that a redelivery is the same message.
type metadata struct {
	ID         int64           `json:"message_id,omitempty"`
	ThreadID   int64           `json:"message_thread_id,omitempty"`
	ReplyToID  int64           `json:"reply_to_message_id,omitempty"`
	MediaGroup string          `json:"media_group_id,omitempty"`
	Chat       chat            `json:"chat"`
	From       *user           `json:"from,omitempty"`
	Contact    json.RawMessage `json:"contact,omitempty"`
	Venue      json.RawMessage `json:"venue,omitempty"`
}

// metadataOf returns the metadata of a message of an update.
func metadataOf(u *update, m *message) json.RawMessage {
	kind := "message"
	switch {
	case u.Query != nil:
		kind = "callback_query"
	case m == u.Edited:
		kind = "edited_message"
	}
	encoded, _ := channels.Marshal(struct { // of values that came as JSON
		UpdateID int64  `json:"update_id"`
		Kind     string `json:"kind"`
		metadata
	}{u.ID, kind, m.metadata})
	return encoded
}
