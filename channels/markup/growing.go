package markup

import (
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// Growing returns a reply with a text that still grows as a Streamer shows it: Markdown is
// rendered by Partial. Where that shows nothing yet, or more than the limit, the reply shows the
// source, and has the plain format.
func Growing(r channels.Reply, s Syntax, l Limit) channels.Reply {
	if r.Format != channels.FormatMarkdown {
		return r
	}
	rendered := Partial(s, r.Text)
	if strings.TrimSpace(rendered) == "" || l.Unit.Len(rendered) > l.Max {
		r.Format = channels.FormatPlain
		return r
	}
	r.Text = rendered
	return r
}
