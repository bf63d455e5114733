package channels

import "fmt"

// Format is how the text of a reply is written.
type Format string

// The formats.
const (
	// FormatPlain is text that a platform is sent as it is, as Rasa's connector does.
	FormatPlain Format = ""
	// FormatMarkdown is CommonMark. A channel renders it as its platform shows it: see
	// package markup.
	FormatMarkdown Format = "markdown"
)

// Validate reports a format that is none of these.
func (f Format) Validate() error {
	switch f {
	case FormatPlain, FormatMarkdown:
		return nil
	}
	return fmt.Errorf(`format: %.40q is none of "" and %q`, string(f), FormatMarkdown)
}
