package slack

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// address is where replies go, and to whom: the parts of an Address, divided by slashes.
type address struct {
	// channel may be the id of a user too: then Slack opens a conversation with them.
	channel string
	// thread is the ts of the thread, "" for none.
	thread string
	// user and team are the person's, which a stream in a channel must name.
	user, team string
	// hook is the response_url of a slash command, which may be used where the app is no
	// member.
	hook string
}

func (a address) String() string {
	return strings.Join([]string{a.channel, a.thread, a.user, a.team, url.PathEscape(a.hook)}, "/")
}

// addressOf reads a part's address. Without one, the sender is it.
func addressOf(text, sender string) address {
	fields := strings.Split(text, "/")
	if len(fields) != 5 { // what String writes
		return addressOfSender(sender)
	}
	hook, err := url.PathUnescape(fields[4])
	if err != nil {
		hook = ""
	}
	return address{fields[0], fields[1], fields[2], fields[3], hook}
}

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

// sender is what senderOf makes: also the id of a channel alone, to which one may send.
var sender = regexp.MustCompile(`^[A-Z][A-Z0-9]+(_[A-Z][A-Z0-9]+(_\d+\.\d+)?)?$`)

// addressOfSender takes apart what senderOf has made.
func addressOfSender(sender string) address {
	user, rest, found := strings.Cut(sender, "_")
	if !found {
		return address{channel: sender, user: user}
	}
	channel, thread, _ := strings.Cut(rest, "_")
	return address{channel: channel, thread: thread, user: user}
}

// Address returns slack_channel where that is set, as under Rasa, and else where the sender
// says: to a user, to a channel, or to a thread.
func (c *Channel) Address(to string) (string, error) {
	if !sender.MatchString(to) {
		return "", channels.Errorf(channels.CodeInvalid, "sender %.40q: expected the id of a user such as U0123ABCD, or U0123ABCD_C0123ABCD", to)
	}
	a := addressOfSender(to)
	if c.config.SlackChannel != "" {
		a.channel, a.thread = c.config.SlackChannel, ""
	}
	return a.String(), nil
}

// RateKey returns the channel: all its threads count as one.
func (c *Channel) RateKey(p channels.Part) string { return addressOf(p.Address, p.Sender).channel }
