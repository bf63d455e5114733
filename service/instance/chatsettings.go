package instance

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ChatSettings is the block "chat:" of endpoints.yml: what the chat page shows of whom it
// belongs to.
type ChatSettings struct {
	// Title names the page. Default "Manyvox".
	Title string `yaml:"title"`
	// Color is that of what the user has said, of buttons and of links; empty is the page's
	// own. Where it could not be read the page shows it lighter or darker.
	Color Color `yaml:"color"`
	// Greeting is shown before the first message: its first line as the heading, the others
	// below it.
	Greeting string `yaml:"greeting"`
	// Suggestions are what the page offers to say first. Nil means those of the agent's type.
	Suggestions []string `yaml:"suggestions"`
}

// The longest texts, in characters, and the most suggestions: more would not fit on the page.
const (
	maxTitle       = 60
	maxGreeting    = 1000
	maxSuggestions = 8
	maxSuggestion  = 200
)

// DefaultChatSettings returns what holds where endpoints.yml says nothing.
func DefaultChatSettings() ChatSettings {
	return ChatSettings{
		Title:    "Manyvox",
		Greeting: "Say something\nYour assistant is listening. Answers appear here as they are written.",
	}
}

// DefaultSuggestions are those of an agent whose type has none.
func DefaultSuggestions() []string { return []string{"Hello!", "What can you do?"} }

// Validate names each key whose value cannot be shown.
func (s *ChatSettings) Validate() error {
	errs := []error{
		checkShown("title", s.Title, maxTitle),
		checkShown("greeting", strings.ReplaceAll(s.Greeting, "\n", " "), maxGreeting),
	}
	if n := len(s.Suggestions); n > maxSuggestions {
		errs = append(errs, fmt.Errorf("suggestions: %d of them, more than the limit of %d", n, maxSuggestions))
	}
	for i, suggestion := range s.Suggestions {
		if err := checkShown(fmt.Sprintf("suggestions: number %d", i+1), suggestion, maxSuggestion); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// checkShown refuses a text that would show nothing, or more than there is room for.
func checkShown(key, text string, most int) error {
	switch n := utf8.RuneCountInString(text); {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("%s: expected a text", key)
	case n > most:
		return fmt.Errorf("%s: %d characters, more than the limit of %d", key, n, most)
	case strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%s: expected a text of one line, without control characters", key)
	}
	return nil
}
