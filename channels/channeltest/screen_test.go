package channeltest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/markup"
)

// screened is the platform of messenger.
func screened() channeltest.Platform {
	read := func(r *http.Request) (c call) {
		if json.NewDecoder(r.Body).Decode(&c) != nil {
			return call{}
		}
		return c
	}
	return channeltest.Platform{
		Block:     "{key: k, base_url: http://messenger.example}",
		Recipient: func(r *http.Request) string { return read(r).To },
		Screen: &channeltest.Screen{
			Max: maxText, Unit: channels.UnitUTF16, MaxButtons: maxButtons, MaxPayload: maxPayload, Uploads: true,
			CodeBegins: "<pre>", CodeEnds: "</pre>", Edits: channels.Rate{Count: 2, Per: time.Second},
			Markdown: `<b>bold</b> and <i>italic</i>, <code>code</code> and <a href="https://x.example/a?b=1&amp;c=2">link</a>` +
				"\n\n• 1 &lt; 2 &amp; 3 &gt; 2\n• &lt;!channel&gt; @here _x",
			Read: func(r *http.Request) channeltest.Shown {
				c := read(r)
				return channeltest.Shown{Text: c.Text, Adds: c.Adds, Buttons: c.Buttons, File: c.File}
			},
		},
	}
}

func TestContractOfAMessenger(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, messengerType(func(*messenger) {}), good(), screened())
}

// The names of the checks of a Screen.
const (
	cuts      = "cuts texts where a reader pauses"
	renders   = "renders Markdown"
	keeps     = "drops no button"
	uploads   = "uploads files"
	rolls     = "rolls a growing text over"
	classes   = "says what each failure of its platform means"
	addressed = "calls the address of its block"
)

// testFaults wants each fault to be found by its check, with that reason.
func testFaults(t *testing.T, check string, faults map[string]fault) {
	t.Helper()
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := channeltest.Check(check, messengerType(f.make), good(), screened())
			if err == nil || !strings.Contains(err.Error(), f.want) {
				t.Errorf("%v, want %q", err, f.want)
			}
		})
	}
}

// fault is what a channel does wrong, and what the check says of it.
type fault struct {
	make func(*messenger)
	want string
}

func TestContractFindsMarkdownShownWrong(t *testing.T) {
	t.Parallel()
	testFaults(t, renders, map[string]fault{
		"as it is": {fitsBy(func(p channels.Part) []string { return []string{p.Reply.Text} }), `a text of format "markdown"`},
		"not escaped": {fitsBy(func(p channels.Part) []string {
			if p.Reply.Format == channels.FormatMarkdown {
				return []string{strings.ReplaceAll(texts(p)[0], "&lt;!", "<!")}
			}
			return texts(p)
		}), `a text of format "markdown"`},
		"other texts too": {fitsBy(func(p channels.Part) []string { return []string{markup.Render(markup.Telegram, p.Reply.Text)} }), `a text of format ""`},
	})
}

// TestContractChecksWhatIsGiven passes a channel whose Platform has no Screen.
func TestContractChecksWhatIsGiven(t *testing.T) {
	t.Parallel()
	p := screened()
	p.Screen = nil
	var want []string
	silent := messengerType(func(m *messenger) { m.limits.Live.Max = 0 })
	if diff := cmp.Diff(want, channeltest.Failed(silent, good(), p)); diff != "" {
		t.Errorf("failed checks (-want +got):\n%s", diff)
	}
	p.Screen = &channeltest.Screen{}
	if err := channeltest.Check(cuts, silent, good(), p); err == nil || !strings.Contains(err.Error(), "needs Read") {
		t.Errorf("%v", err)
	}
}
