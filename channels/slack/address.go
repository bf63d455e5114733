package slack

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// address is where replies go, and to whom: the parts of an Address, divided by slashes. The channel
// may be the id of a user too: then Slack opens a conversation with them. A stream in a channel must
// name the user and their team. Hook is the response_url of a slash command.
type address struct{ channel, thread, user, team, hook string }

func (a address) String() string {
	return strings.Join([]string{a.channel, a.thread, a.user, a.team, url.PathEscape(a.hook)}, "/")
}

// addressOf reads a part's address. Without one, the sender is it.
func addressOf(p *channels.Part) address {
	fields := strings.Split(p.Address, "/")
	if len(fields) != 5 { // what String writes
		return addressOfSender(p.Sender)
	}
	hook, _ := url.PathUnescape(fields[4])
	return address{fields[0], fields[1], fields[2], fields[3], hook}
}

// isUser reports whether it is the id of a user: what is said there cannot be changed.
func (a address) isUser() bool { return strings.IndexAny(a.channel, "UW") == 0 }

// senderOf returns the conversation, as Rasa names it. A slash command is in no thread.
func (c *Channel) senderOf(user, channel, thread string) string {
	switch {
	case channel == "" || c.config.ConversationGranularity == perSender:
		return user
	case c.config.ConversationGranularity == perChannel || thread == "":
		return user + "_" + channel
	}
	return user + "_" + channel + "_" + thread
}

// senderForm is how what senderOf makes looks; the id of a channel alone is one too, to which one
// may send.
var senderForm = regexp.MustCompile(`^[A-Z][A-Z0-9]+(_[A-Z][A-Z0-9]+(_\d+\.\d+)?)?$`)

// addressOfSender takes apart what senderOf has made.
func addressOfSender(sender string) address {
	fields := append(strings.SplitN(sender, "_", 3), "", "")
	if fields[1] == "" {
		return address{channel: sender, user: sender}
	}
	return address{channel: fields[1], thread: fields[2], user: fields[0]}
}

// Address returns slack_channel where that is set, as under Rasa, and else where the sender
// says: to a user, to a channel, or to a thread.
func (c *Channel) Address(to string) (string, error) {
	if !senderForm.MatchString(to) {
		return "", channels.Errorf(channels.CodeInvalid, "sender %.40q: expected the id of a user such as U0123ABCD, or U0123ABCD_C0123ABCD", to)
	}
	a := addressOfSender(to)
	if c.config.SlackChannel != "" {
		a.channel, a.thread = c.config.SlackChannel, ""
	}
	return a.String(), nil
}

// RateKey returns the channel: all its threads count as one.
func (c *Channel) RateKey(p channels.Part) string { return addressOf(&p).channel }
