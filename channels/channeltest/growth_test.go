package channeltest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// streamer is a channel whose replies grow, and which shows that it writes. Each fault is
// a method in the place of its own.
type streamer struct {
	sender
	open   func(context.Context, channels.Part) (channels.Receipt, error)
	append func(context.Context, channels.Part) error
	close  func(context.Context, channels.Part) error
	typing func(context.Context, channels.Part) error
	limits channels.Limits
	fit    func(channels.Part) []channels.Part
}

func (s *streamer) Open(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	return s.open(ctx, p)
}

func (s *streamer) Append(ctx context.Context, p channels.Part, _ channels.Receipt, _ string) error {
	return s.append(ctx, p)
}

func (s *streamer) Close(ctx context.Context, p channels.Part, r channels.Receipt, _ string) (channels.Receipt, error) {
	return r, s.close(ctx, p)
}

func (s *streamer) Typing(ctx context.Context, m channels.Message) error {
	return s.typing(ctx, channels.Part{Sender: m.Sender})
}

func (s *streamer) Limits() channels.Limits { return s.limits }

func (s *streamer) Fit(p channels.Part) []channels.Part { return s.fit(p) }

// streamerType returns a type whose channels have a fault.
func streamerType(fault func(*streamer)) channels.Type {
	t := typ(fakeConfig{})
	t.New = func() channels.Config { return &streamerConfig{fakeConfig{send: post}, fault} }
	return t
}

type streamerConfig struct {
	fakeConfig `yaml:",inline"`
	fault      func(*streamer)
}

func (c *streamerConfig) Open(env channels.Env) (channels.Channel, error) {
	opened, err := c.fakeConfig.Open(env)
	if err != nil {
		return nil, err
	}
	call := func(ctx context.Context, p channels.Part) error { return post(ctx, env, p) }
	s := &streamer{
		sender: opened.(sender), append: call, close: call, typing: call,
		open: func(ctx context.Context, p channels.Part) (channels.Receipt, error) {
			return channels.Receipt{ID: "1"}, post(ctx, env, p)
		},
		limits: channels.Limits{Live: channels.LiveLimits{Max: 10}},
		fit:    func(p channels.Part) []channels.Part { return []channels.Part{p} },
	}
	c.fault(s)
	return s, nil
}

func TestContractOfAStreamer(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, streamerType(func(*streamer) {}), good(), platform())
	channeltest.Contract(t, streamerType(func(s *streamer) { s.fit = fitIn(channels.UnitRunes) }), good(), platform())
}

func TestContractFindsFaultsOfAStreamer(t *testing.T) {
	t.Parallel()
	const grows, types = "grows a reply", "shows that it writes"
	nothing := func(context.Context, channels.Part) error { return nil }
	rejected := func(context.Context, channels.Part) error { return &channels.SendError{Class: channels.SendRejected} }
	for name, c := range map[string]struct {
		fault func(*streamer)
		want  string
	}{
		"gives no id": {func(s *streamer) {
			open := s.open
			s.open = func(ctx context.Context, p channels.Part) (channels.Receipt, error) {
				_, err := open(ctx, p)
				return channels.Receipt{}, err
			}
		}, grows},
		"opens all": {func(s *streamer) {
			open := s.open
			s.open = func(ctx context.Context, p channels.Part) (channels.Receipt, error) {
				r, _ := open(ctx, p)
				return r, nil
			}
		}, grows},
		"appends nothing":    {func(s *streamer) { s.append = nothing }, grows},
		"refuses to append":  {func(s *streamer) { s.append = rejected }, grows},
		"closes nothing":     {func(s *streamer) { s.close = nothing }, grows},
		"refuses to close":   {func(s *streamer) { s.close = rejected }, grows},
		"unknown unit":       {func(s *streamer) { s.limits.Live.Unit = "inches" }, grows},
		"limit below zero":   {func(s *streamer) { s.limits.Live.Max = -1 }, grows},
		"Fit cuts below Max": {func(s *streamer) { s.fit = func(p channels.Part) []channels.Part { return cutAt(p, 9) } }, grows},
		"Fit counts bytes":   {func(s *streamer) { s.fit = fitIn(channels.UnitBytes) }, grows},
		"Fit counts UTF-16":  {func(s *streamer) { s.fit = fitIn(channels.UnitUTF16) }, grows},
		"no room for markup": {func(s *streamer) {
			fit := fitIn(channels.UnitRunes)
			s.fit = func(p channels.Part) []channels.Part {
				p.Reply.Text = strings.ReplaceAll(p.Reply.Text, "*", "<i>")
				return fit(p)
			}
		}, grows},
		"shows nothing":     {func(s *streamer) { s.typing = nothing }, types},
		"shows with errors": {func(s *streamer) { s.typing = rejected }, types},
		"stays": {func(s *streamer) {
			typing := s.typing
			s.typing = func(ctx context.Context, p channels.Part) error { return typing(context.WithoutCancel(ctx), p) }
		}, types},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := channeltest.Failed(streamerType(c.fault), good(), platform())
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s", diff)
			}
		})
	}
}

// fitIn returns a Fit that cuts a text at 10 of a unit.
func fitIn(u channels.Unit) func(channels.Part) []channels.Part {
	return func(p channels.Part) []channels.Part { return cutAt(p, len(u.Prefix(p.Reply.Text, 10))) }
}

// cutAt makes two parts of a text that is longer than n.
func cutAt(p channels.Part, n int) []channels.Part {
	text := p.Reply.Text
	if len(text) <= n {
		return []channels.Part{p}
	}
	rest := p
	p.Reply.Text, rest.Reply.Text = text[:n], strings.TrimSpace(text[n:])
	return []channels.Part{p, rest}
}
