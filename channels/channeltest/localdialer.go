package channeltest

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// localDialer is the Env.Dial of a channel under test. It connects to this machine alone,
// and counts the other addresses that it has refused.
type localDialer struct {
	refused atomic.Int32
}

func (b *localDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		b.refused.Add(1)
		return nil, fmt.Errorf("channeltest: %s is not on this machine", address)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// sendsByEnvDial opens the channel, gives it a message and, when it can send, a part. Only
// Send has a reason to connect, and must do so by Env.Dial, which counts and refuses it.
func sendsByEnvDial(s subject) error {
	config, err := decode(s.typ, s.typ.Example)
	if err != nil {
		return err
	}
	b := &localDialer{}
	channel, err := startWith(b.dial, s.typ, config, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("its Example does not open: %w", err)
	}
	if _, err := serve(handlerOf(channel, &Inbox{}), s.good.request(context.Background()), maxBody); err != nil {
		return err
	}
	if n := b.refused.Load(); n > 0 {
		return fmt.Errorf("it connects before it has anything to send, %d times: a platform that is down would stop it", n)
	}
	sender, ok := channel.(channels.Sender)
	if _, waits := channel.(channels.Mounter); !ok || waits { // its clients connect, not it
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = sender.Send(ctx, channels.Part{ID: "p1", Channel: s.typ.Name, Sender: "ann", Reply: channels.Reply{RecipientID: "ann", Text: "hi"}})
	if b.refused.Load() == 0 {
		return fmt.Errorf("it does not send by Env.Dial: %w", err)
	}
	return nil
}
