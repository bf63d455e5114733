// Package builtin lists the channel types that Manyvox comes with, one line each.
package builtin

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/channels/slack"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
	"github.com/manyvox/manyvox/channels/socketio"
	"github.com/manyvox/manyvox/channels/telegram"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
)

// Types returns the built-in channel types, sorted by name.
func Types() []channels.Type {
	return []channels.Type{
		callback.Type(),
		rest.Type(),
		slack.Type().WithFake(slacktest.Fake),
		socketio.Type(),
		telegram.Type().WithFake(telegramtest.Fake),
	}
}
