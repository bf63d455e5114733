package channeltest_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

// buttonsBy changes the buttons of a call.
func buttonsBy(change func([]channels.Button) []channels.Button) func(*messenger) {
	return func(m *messenger) {
		m.body = func(p channels.Part) call {
			c := bodyOf(p)
			c.Buttons = change(c.Buttons)
			return c
		}
	}
}

// fittedBy changes the parts that Fit gives.
func fittedBy(change func(*channels.Part)) func(*messenger) {
	return func(m *messenger) {
		m.fit = func(p channels.Part) []channels.Part {
			parts := fitMessenger(p)
			for i := range parts {
				change(&parts[i])
			}
			return parts
		}
	}
}

func TestContractFindsButtonsDropped(t *testing.T) {
	t.Parallel()
	testFaults(t, keeps, map[string]fault{
		"the last": {buttonsBy(func(list []channels.Button) []channels.Button { return list[:min(len(list), 2)] }), `button "Choice 3" is dropped`},
		"what is too much": {func(m *messenger) {
			m.fit = func(p channels.Part) []channels.Part {
				p.Reply.Buttons = p.Reply.Buttons[:min(len(p.Reply.Buttons), maxButtons)]
				return fitMessenger(p)
			}
		}, `button "Choice 4" is dropped`},
		"too many are sent": {func(m *messenger) {
			m.fit = func(p channels.Part) []channels.Part { return []channels.Part{p} }
		}, "200 buttons, where the platform takes 3"},
		"payloads are too long": {func(m *messenger) {
			m.body = func(p channels.Part) call {
				c := bodyOf(p)
				c.Buttons = append(p.Reply.Buttons, p.Reply.QuickReplies...)
				return c
			}
		}, "where the platform takes 20"},
		"payloads are cut": {buttonsBy(func(list []channels.Button) []channels.Button {
			for i := range list {
				list[i].Payload = "/cut"
			}
			return list
		}), `brings back "/cut", which no choice of the part stands for`},
		"keys stand for nothing": {fittedBy(func(p *channels.Part) { p.Choices = nil }), "which no choice of the part stands for"},
		"numbers are of others": {fittedBy(func(p *channels.Part) {
			if n := len(p.Choices); n > maxButtons {
				p.Choices = p.Choices[1:]
			}
		}), "which is not the choice of that number"},
		"links":                  {fittedBy(func(p *channels.Part) { p.Reply.Text = strings.ReplaceAll(p.Reply.Text, "https://x.example/site", "") }), `many and a link as buttons: button "Our site" is dropped`},
		"a list without numbers": {fittedBy(func(p *channels.Part) { p.Reply.Text = strings.ReplaceAll(p.Reply.Text, ". ", " ") }), "is dropped"},
	})
}

func TestContractFindsFilesNotUploaded(t *testing.T) {
	t.Parallel()
	testFaults(t, uploads, map[string]fault{
		"as an address": {func(m *messenger) {
			m.body = func(p channels.Part) call { return call{To: p.Sender, Text: p.Reply.Image} }
		}, "an image as a data: URL: its bytes do not arrive"},
		"images alone": {func(m *messenger) {
			m.body = func(p channels.Part) call {
				p.Reply.Attachment = nil
				return bodyOf(p)
			}
		}, "an attachment as a data: URL: its bytes do not arrive"},
		"nothing": {func(m *messenger) { m.fit = func(channels.Part) []channels.Part { return nil } }, "an attached file as a data: URL"},
	})
}
