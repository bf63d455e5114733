package rpc

import (
	"context"
	"errors"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// Subscriptions is manyvox.v1.SubscriptionService.
type Subscriptions struct {
	Events      Events
	Channels    *instance.Registry
	Door        Gate
	Subscribers *instance.Subscribers
}

// Gate is who may read what is said to a sender.
type Gate interface {
	// Listen refuses a caller that may not be told what is said to the sender.
	Listen(ctx context.Context, in *instance.Instance, sender string) error
}

// Subscribe streams what is said in one conversation until the client goes.
func (s Subscriptions) Subscribe(
	ctx context.Context, req *manyvoxv1.SubscribeRequest, stream *connect.ServerStream[manyvoxv1.SubscribeResponse],
) error {
	name, sender := conversationOf(req)
	conversation := channels.Conversation{Channel: name, Sender: sender}
	if err := s.check(ctx, conversation); err != nil {
		return connectError(err, nil)
	}
	after, err := s.Events.start(ctx, req.GetAfter())
	if err != nil {
		return connectError(err, nil)
	}
	reader, err := s.Subscribers.Join(ctx, conversation)
	var refused *channels.Error
	switch {
	case errors.As(err, &refused):
		return connectError(refused, nil)
	case err != nil:
		return connectError(s.Events.failed(ctx, err), nil)
	}
	defer s.Subscribers.Leave(ctx, reader)
	sub := &subscription{
		Subscriptions: s, conversation: conversation, reader: reader, stream: stream.Send, after: after, said: newRecent(saidKept), byParts: newRecent(saidKept),
	}
	return toConnect(sub.run(ctx))
}

// check refuses a caller. It holds no instance on: a subscription outlives a reload.
func (s Subscriptions) check(ctx context.Context, c channels.Conversation) error {
	in, err := s.Channels.Enter(c.Channel)
	if err != nil {
		return err
	}
	defer in.Leave()
	if !in.Type.RPC {
		return notOpen(in)
	}
	return s.Door.Listen(ctx, in, c.Sender)
}

// conversationOf returns the channel and the sender of a request of ChannelService's kind.
func conversationOf(req ofConversation) (channel, sender string) {
	if channel = req.GetChannel(); channel == "" {
		channel = defaultChannel
	}
	if sender = req.GetSender(); sender == "" {
		sender = instance.DefaultSender
	}
	return channel, sender
}

// saidKept is how many of the messages that a subscription has shown are remembered, so that
// their parts are not shown again.
const saidKept = 1000

// subscription is one call of Subscribe. What is said comes by events. A part that waited until
// somebody subscribes, and whose event is from before, comes by itself.
type subscription struct {
	Subscriptions
	conversation channels.Conversation
	reader       *instance.Subscriber
	stream       func(*manyvoxv1.SubscribeResponse) error
	// after is the cursor up to which the client has everything.
	after int64
	// said are the messages that were shown by their events, and the parts that were given;
	// byParts those of whose parts one was given before the event was read. Their event is
	// passed over: it may be read only a little after its parts are sent.
	said, byParts *recent
	spoke         time.Time
}

// run streams what is there, waits until there may be more, and so on.
func (s *subscription) run(ctx context.Context) error {
	var offer *instance.Offer
	for begun := false; ; begun = true {
		changed := s.Events.Journal.Changed() // asked for first: what comes meanwhile closes it
		if !begun {
			if err := s.send(&manyvoxv1.SubscribeResponse{}); err != nil {
				return err
			}
		}
		if err := s.catchUp(ctx); err != nil {
			return err
		}
		if offer != nil { // its event was seen, or is from before, or is about to be
			if err := s.give(offer); err != nil {
				return err
			}
		}
		if s.reader.Missed() {
			if err := s.Subscribers.Wake(ctx, s.reader); err != nil {
				return s.Events.failed(ctx, err)
			}
		}
		var err error
		if offer, err = s.wait(ctx, changed); err != nil {
			return err
		}
	}
}

// catchUp streams the events that are there.
func (s *subscription) catchUp(ctx context.Context) error {
	filter := journal.EventFilter{Channel: s.conversation.Channel, Sender: s.conversation.Sender}
	for more := true; more; {
		page, err := s.Events.Journal.Events(ctx, filter, s.after, watchPage)
		if err != nil {
			return s.Events.failed(ctx, err)
		}
		for i := range page.Events {
			if err := s.show(&page.Events[i]); err != nil {
				return err
			}
		}
		s.after, more = page.Next, page.More
	}
	return nil
}

// show streams an event, if something was said.
func (s *subscription) show(e *channels.Event) error {
	s.after = e.Cursor
	switch {
	case e.Kind == channels.EventReply && s.byParts.has(e.MessageID):
	case e.Kind == channels.EventReply && len(e.Replies) > 0: // a store that keeps no texts has none
		s.said.add(e.MessageID)
		return s.say(e.MessageID, e.Time, e.Replies...)
	case e.Kind == channels.EventGap:
		_, reason := reasonOf(e.Reason, string(e.Kind))
		return s.send(&manyvoxv1.SubscribeResponse{Event: &manyvoxv1.SubscribeResponse_Gap{
			Gap: &manyvoxv1.SubscriptionGap{Reason: reason, Code: codeDropped},
		}})
	}
	return nil
}

// give streams a part, unless it was shown with its message.
func (s *subscription) give(o *instance.Offer) error {
	p := &o.Part
	var err error
	if !s.said.has(p.MessageID) && !s.said.has(p.ID) {
		err = s.say(p.MessageID, time.Now(), p.Reply)
		s.byParts.add(p.MessageID)
	}
	if err == nil {
		s.said.add(p.ID)
	}
	o.Answer(err == nil)
	return err
}

func (s *subscription) say(messageID string, at time.Time, replies ...channels.Reply) error {
	return s.send(&manyvoxv1.SubscribeResponse{Event: &manyvoxv1.SubscribeResponse_Said{Said: &manyvoxv1.Said{
		MessageId: valid(messageID), Time: timestamppb.New(at), Replies: shownWithin(maxReplySize, replies...),
	}}})
}

// send streams a response with the cursor behind it.
func (s *subscription) send(res *manyvoxv1.SubscribeResponse) error {
	res.Cursor, s.spoke = s.Events.Cursors.Of(s.after), time.Now()
	return s.stream(res)
}

// wait returns why the stream ends, or a part, or nothing once there may be more events. The
// caller is asked for its token again with each sign of life: a reload may have changed it.
func (s *subscription) wait(ctx context.Context, changed <-chan struct{}) (*instance.Offer, error) {
	select { // a busy journal must not outshout the end
	case <-s.Events.Draining:
		return nil, instance.ErrDraining
	default:
	}
	idle := time.NewTimer(time.Until(s.spoke.Add(heartbeatEvery)))
	defer idle.Stop()
	select {
	case <-changed:
		return nil, nil //nolint:nilnil // nothing was offered
	case offer := <-s.reader.Parts():
		return offer, nil
	case <-idle.C:
		if err := s.check(ctx, s.conversation); err != nil {
			return nil, err
		}
		return nil, s.send(&manyvoxv1.SubscribeResponse{})
	case <-s.Events.Draining:
		return nil, instance.ErrDraining
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var _ manyvoxv1connect.SubscriptionServiceHandler = Subscriptions{}
