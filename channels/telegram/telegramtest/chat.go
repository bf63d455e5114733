package telegramtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Chat is a chat as a person sees it.
type Chat struct {
	// Messages are in order, those of the person too.
	Messages []Shown
	// Draft is the preview of a message that is being written, Drafts all that were shown.
	Draft  string
	Drafts []string
	// Typing counts how often "typing…" was shown.
	Typing int

	blocked bool
	movedTo int64
	// drafted is when the draft was shown, which vanishes after draftTime.
	drafted time.Time
	// stop is the update that the button below the draft sends, nil without the button.
	stop     object
	topics   bool
	keyboard [][]Button
}

// Shown is a message on the screen.
type Shown struct {
	ID      int64
	FromBot bool
	// Topic is the thread of a forum, 0 outside one.
	Topic int64
	Text  string
	// Entities are the styles of the text.
	Entities []Entity
	// Kind is "text", or the parameter that holds a file: "photo", "document" and so on.
	Kind string
	// File is an address, or a file_id.
	File string
	// Buttons are those below the message.
	Buttons [][]Button
	// Versions are the texts that were shown before the last edit.
	Versions []string
}

// Button is a button of either keyboard.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
	URL  string `json:"url"`
}

// Chat returns how a chat looks.
func (s *Server) Chat(id int64) Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := *s.chat(id)
	c.Messages, c.Drafts = slices.Clone(c.Messages), slices.Clone(c.Drafts)
	if time.Since(c.drafted) > draftTime {
		c.Draft = ""
	}
	return c
}

// draftTime is how long a draft is shown.
const draftTime = 30 * time.Second

// Texts returns what the bot has said in a chat.
func (c *Chat) Texts() (texts []string) {
	for _, m := range c.Messages {
		if m.FromBot {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// chat returns a chat, which is there once somebody asks. The lock is held.
func (s *Server) chat(id int64) *Chat {
	if s.chats[id] == nil {
		s.chats[id] = &Chat{}
	}
	return s.chats[id]
}

// refusal returns why the bot cannot write to a chat, nil when it can.
func (s *Server) refusal(a *args) *answer {
	id := a.number("chat_id")
	c := s.chats[id]
	no := func(code int, text string) *answer { r := refuse(code, text); return &r }
	switch {
	case id == 0 || c == nil:
		return no(400, "Bad Request: chat not found")
	case c.blocked:
		return no(403, "Forbidden: bot was blocked by the user")
	case c.movedTo != 0:
		r := no(400, "Bad Request: group chat was upgraded to a supergroup chat")
		r.Parameters = map[string]any{"migrate_to_chat_id": c.movedTo}
		return r
	case a.values["message_thread_id"] != nil && !c.topics:
		return no(400, "Bad Request: message thread not found")
	}
	return nil
}

const (
	maxRaw     = 32_768 // bytes
	maxText    = 4096   // characters behind the entities
	maxCaption = 1024
)

// text reads a text or caption, and its styles.
func text(a *args, field string, most int) (string, []Entity, *answer) {
	source := a.text(field)
	no := func(text string) (string, []Entity, *answer) {
		r := refuse(400, "Bad Request: "+text)
		return "", nil, &r
	}
	if len(source) > maxRaw {
		return no("Text is too long")
	}
	plain, entities := source, []Entity(nil)
	switch mode := strings.ToLower(a.text("parse_mode")); mode {
	case "":
	case "html":
		var err error
		if plain, entities, err = parseHTML(source); err != nil {
			return no("can't parse entities: " + err.Error())
		}
	default:
		return no("unsupported parse_mode")
	}
	switch {
	case utf8.RuneCountInString(plain) > most && field == "caption":
		return no("message caption is too long")
	case utf8.RuneCountInString(plain) > most:
		return no("message is too long")
	case strings.TrimSpace(plain) == "" && field == "text":
		return no("message text is empty")
	}
	return plain, entities, nil
}

// markup reads a keyboard: the one below a message, or the one in place of the letters.
func markup(a *args) (below, keys [][]Button, refused *answer) {
	var m struct {
		Inline [][]Button `json:"inline_keyboard"`
		Keys   [][]Button `json:"keyboard"`
	}
	if a.values["reply_markup"] == nil {
		return nil, nil, nil
	}
	no := func(text string) ([][]Button, [][]Button, *answer) {
		r := refuse(400, "Bad Request: "+text)
		return nil, nil, &r
	}
	if !a.decode("reply_markup", &m) {
		return no("object expected as reply markup")
	}
	for _, row := range m.Inline {
		for _, b := range row {
			switch {
			case b.Text == "":
				return no("Text buttons are unallowed in the inline keyboard")
			case b.URL == "" && (b.Data == "" || len(b.Data) > 64):
				return no("BUTTON_DATA_INVALID")
			}
		}
	}
	return m.Inline, m.Keys, nil
}

// write makes the calls that write to a chat.
func (s *Server) write(method string, a args) answer {
	if !strings.HasPrefix(method, "send") && method != "editMessageText" {
		return refuse(404, "Not Found: method not found")
	}
	if r := s.refusal(&a); r != nil {
		return *r
	}
	if wait := s.tooMuch(a.number("chat_id")); wait > 0 {
		return tooMany(wait)
	}
	c := s.chats[a.number("chat_id")]
	switch method {
	case "sendChatAction":
		c.Typing++
		return result(true)
	case "sendMessage":
		return s.sendText(c, &a)
	case "sendMessageDraft":
		return s.sendDraft(c, &a)
	case "editMessageText":
		return s.edit(c, &a)
	}
	return s.sendFile(c, method, &a)
}

func (s *Server) sendText(c *Chat, a *args) answer {
	plain, entities, refused := text(a, "text", maxText)
	if refused != nil {
		return *refused
	}
	return s.show(c, a, Shown{Kind: "text", Text: plain, Entities: entities})
}

// show puts a message of the bot on the screen, in place of its draft.
func (s *Server) show(c *Chat, a *args, m Shown) answer {
	below, keys, refused := markup(a)
	if refused != nil {
		return *refused
	}
	s.nextID++
	m.ID, m.FromBot, m.Topic, m.Buttons = s.nextID, true, a.number("message_thread_id"), below
	if keys != nil {
		c.keyboard = keys
	}
	c.Messages, c.Draft, c.stop = append(c.Messages, m), "", nil
	return s.told(a, &m)
}

// told is how Telegram answers with a message.
func (s *Server) told(a *args, m *Shown) answer {
	return result(object{"message_id": m.ID, "from": s.bot(), "date": 1_790_000_000, "chat": where(a.number("chat_id")), "text": m.Text, "entities": m.Entities})
}

func (s *Server) sendDraft(c *Chat, a *args) answer {
	plain, _, refused := text(a, "text", maxText)
	switch {
	case a.number("chat_id") < 0:
		return refuse(400, "Bad Request: TEXTDRAFT_PEER_INVALID")
	case a.number("draft_id") == 0:
		return refuse(400, "Bad Request: draft_id must be non-zero")
	case refused != nil:
		return *refused
	}
	c.Draft, c.Drafts, c.drafted, c.stop = plain, append(c.Drafts, plain), time.Now(), nil
	if a.flag("can_stop") {
		c.stop = object{"chat": where(a.number("chat_id")), "draft_id": a.number("draft_id")}
		if topic := a.number("message_thread_id"); topic != 0 {
			c.stop["message_thread_id"] = topic
		}
	}
	return result(true)
}

// edit replaces a text of the bot's own.
func (s *Server) edit(c *Chat, a *args) answer {
	i := slices.IndexFunc(c.Messages, func(m Shown) bool { return m.FromBot && m.ID == a.number("message_id") })
	if i < 0 {
		return refuse(400, "Bad Request: message to edit not found")
	}
	m := &c.Messages[i]
	plain, entities, refused := text(a, "text", maxText)
	if refused != nil && refused.Description == "Bad Request: message is too long" {
		return refuse(400, "Bad Request: MESSAGE_TOO_LONG")
	} else if refused != nil {
		return *refused
	}
	below, keys, refused := markup(a)
	switch {
	case refused != nil:
		return *refused
	case keys != nil:
		return refuse(400, "Bad Request: inline keyboard expected")
	case m.Kind != "text":
		return refuse(400, "Bad Request: there is no text in the message to edit")
	case m.Text == plain && slices.Equal(m.Entities, entities) && fmt.Sprint(m.Buttons) == fmt.Sprint(below):
		return refuse(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	m.Versions = append(m.Versions, m.Text)
	m.Text, m.Entities, m.Buttons = plain, entities, below
	return s.told(a, m)
}

// sendFile takes a call such as sendPhoto, sendLocation or sendMediaGroup.
func (s *Server) sendFile(c *Chat, method string, a *args) answer {
	plain, entities, refused := text(a, "caption", maxCaption)
	if refused != nil {
		return *refused
	}
	m := Shown{Kind: strings.ToLower(strings.TrimPrefix(method, "send")), Text: plain, Entities: entities}
	field := map[string]string{"mediagroup": "media", "location": "latitude", "venue": "address", "contact": "phone_number"}[m.Kind]
	if field == "" {
		field = m.Kind
	}
	if file, ok := a.files[field]; ok {
		m.File = "file-" + strconv.FormatInt(s.nextID, 10)
		s.files[m.File] = file
	} else if m.File = a.text(field); m.File == "" {
		return refuse(400, "Bad Request: there is no "+field+" in the request")
	}
	return s.show(c, a, m)
}
