package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// pollTimeout is how long Telegram waits for an update: at most 50 s, and proxies close a
	// silent connection at 60.
	pollTimeout = 30 * time.Second
	// pollGrace is how much longer the answer may take.
	pollGrace = 15 * time.Second
	// pollPause is between two polls when the first has failed.
	pollPause = 3 * time.Second
	// maxUpdates are fetched at once. The answer must not be larger than the client reads.
	maxUpdates = 50
	// lastCall bounds the calls that are made when the program ends.
	lastCall = 3 * time.Second
)

// allowedUpdates are the kinds that are fetched and delivered. It is always told, since
// Telegram keeps what was told before. https://core.telegram.org/bots/api#setwebhook
func allowedUpdates() []string {
	return []string{"message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"}
}

// poller fetches updates.
type poller struct {
	*Channel
	in channels.Inbox
	// offset is the id of the next update. Asking for it confirms those before it.
	offset int64
	// limit is how many are asked for: less than maxUpdates while an answer was too large.
	limit int
	// answers are the callback queries that are being answered.
	answers sync.WaitGroup
}

// poll fetches updates until ctx ends. An error is one that does not pass by itself.
func (c *Channel) poll(ctx context.Context, in channels.Inbox) error {
	p := &poller{Channel: c, in: in, limit: maxUpdates}
	defer p.answers.Wait()
	if err := c.begin(ctx); err != nil {
		return ended(ctx, err)
	}
	defer p.confirm(ctx)
	for ctx.Err() == nil {
		if err := p.next(ctx); err != nil {
			return ended(ctx, err)
		}
	}
	return nil
}

// ended returns nil when ctx has ended: then whatever failed has failed for that.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// begin takes a webhook away, since Telegram lets nobody poll beside one, and asks who we are.
func (c *Channel) begin(ctx context.Context) error {
	if err := c.learnName(ctx); err != nil {
		return err
	}
	if _, err := c.api.call(ctx, "deleteWebhook", params{}); err != nil {
		return fmt.Errorf("deleteWebhook: %w", explain(err))
	}
	c.log.Info("fetching updates by long polling", "bot", c.knownName())
	return nil
}

// next fetches updates and hands them on. A failure that passes is waited for.
func (p *poller) next(ctx context.Context) error {
	result, err := p.polls.call(ctx, "getUpdates", params{
		"offset": p.offset, "limit": p.limit, "timeout": int(pollTimeout.Seconds()), "allowed_updates": allowedUpdates(),
	})
	var updates []json.RawMessage
	if err == nil && json.Unmarshal(result, &updates) != nil {
		err = &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the result is no list of updates")}
	}
	if err != nil {
		return p.failed(ctx, err)
	}
	p.limit = min(2*p.limit, maxUpdates)
	if len(updates) == 0 || p.post(ctx, updates) {
		return nil
	}
	pause(ctx, pollPause)
	return nil
}

// failed waits after a poll that has failed, or returns an error that does not pass.
func (p *poller) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	e := channels.AsSendError(err)
	switch e.Class { // the others pass
	case channels.SendUnauthorized, channels.SendRejected, channels.SendGone:
		return fmt.Errorf("getUpdates: %w", explain(err))
	}
	p.limit = max(1, p.limit/2) // the answer may have been too large
	p.log.Warn("updates not fetched", "error", err)
	pause(ctx, max(pollPause, e.RetryAfter))
	return nil
}

// post hands updates on. It reports false when they must come again.
func (p *poller) post(ctx context.Context, updates []json.RawMessage) bool {
	var t taken
	last := p.offset - 1
	for _, body := range updates {
		var u struct {
			ID int64 `json:"update_id"`
		}
		if json.Unmarshal(body, &u) != nil {
			p.ignored(ctx, body, "it is not as the Bot API describes it")
			continue
		}
		last = u.ID
		p.take(ctx, body, &t)
	}
	if err := t.post(ctx, p.in); err != nil {
		p.log.Warn("updates not stored, fetching them again", "count", len(updates), "error", err)
		return false
	}
	p.offset = last + 1
	p.answer(ctx, t.queries)
	return true
}

// answer answers callback queries, so that the buttons stop to turn. The next poll does not
// wait for it.
func (p *poller) answer(ctx context.Context, queries []string) {
	if len(queries) == 0 {
		return
	}
	p.answers.Go(func() {
		for _, id := range queries {
			if _, err := p.api.call(ctx, "answerCallbackQuery", params{"callback_query_id": id}); err != nil {
				p.log.Debug("callback query not answered", "error", err) // one that is too old
			}
		}
	})
}

// confirm tells Telegram at the end which updates are stored, so that they do not come again.
func (p *poller) confirm(ctx context.Context) {
	if p.offset == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastCall)
	defer cancel()
	_, err := p.api.call(ctx, "getUpdates", params{"offset": p.offset, "limit": 1, "timeout": 0, "allowed_updates": allowedUpdates()})
	if err != nil {
		p.log.Debug("updates not confirmed: they come once more, and are known", "error", err)
	}
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
