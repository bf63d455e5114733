package setup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/channellog"
	"github.com/manyvox/manyvox/service/instance"
)

// Credentials is what credentials.yml asks for.
type Credentials struct {
	// Channels are the channels, in the order of the file.
	Channels []*instance.Config
	// Notes tell what was passed over and why.
	Notes []string
}

// common are the keys that any channel's block may have.
type common struct {
	Type            string `yaml:"type"`
	InputChannel    string `yaml:"input_channel"`
	SplitParagraphs *bool  `yaml:"split_paragraphs"`
	OnFailure       string `yaml:"on_failure"`
	Agent           string `yaml:"agent"`
	Open            bool   `yaml:"open"`
	LogText         bool   `yaml:"log_text"`

	Rate  channels.Rate `yaml:"rate"`
	Allow []string      `yaml:"allow"`
}

// validate reports a list of senders that no sender can be on.
func (c *common) validate() error {
	switch {
	case c.Allow != nil && len(c.Allow) == 0:
		return errors.New("allow: expected at least one sender; without the key everybody may write")
	case slices.Contains(c.Allow, ""):
		return errors.New("allow: a sender is empty")
	}
	return nil
}

// loader opens the channels of a credentials.yml.
type loader struct {
	types []channels.Type
	links *instance.Links
	log   *slog.Logger
	// inUse are the channels that are in use already.
	inUse []*instance.Config
}

// LoadCredentials opens every channel of a parsed credentials.yml, or only the one
// named by connector unless that is empty. All that is wrong is reported at once,
// one line each.
func LoadCredentials(file *config.Block, types []channels.Type, connector string, log *slog.Logger) (*Credentials, error) {
	return ReloadCredentials(file, types, connector, instance.NewLinks(""), log, nil)
}

// ReloadCredentials is LoadCredentials where there is a --public-url, for which links sign,
// and where channels are in use: those whose blocks have not changed are not opened anew. When
// it fails it has closed what it opened.
func ReloadCredentials(
	file *config.Block, types []channels.Type, connector string, links *instance.Links, log *slog.Logger, inUse *Credentials,
) (*Credentials, error) {
	l := loader{types, links, log, inUse.channels()}
	names := file.Keys()
	if connector != "" {
		name, err := l.choose(connector, names)
		if err != nil {
			return nil, err
		}
		names = []string{name}
	}
	c := &Credentials{}
	var errs []error
	at := map[string]string{}
	for _, name := range names {
		if name == "rasa" && l.lookup(name) == nil {
			c.Notes = append(c.Notes, file.At(name)+": rasa: skipped: this version has no such channel")
			continue
		}
		in, err := l.open(file, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		c.Channels = append(c.Channels, in) // also one that is wrong has to be closed
		if at[in.Name] != "" {
			errs = append(errs, file.Errorf(name, "channel %s: named already at %s: give one of them another name and \"type: %s\"",
				in.Name, at[in.Name], in.Type.Name))
			continue
		}
		at[in.Name] = file.At(name)
	}
	if err := errors.Join(errs...); err != nil {
		c.CloseChannels(inUse, log)
		return c, err
	}
	return c, nil
}

// channels returns the channels, none of nil.
func (c *Credentials) channels() []*instance.Config {
	if c == nil {
		return nil
	}
	return c.Channels
}

// CloseChannels closes the channels that are not in use: nothing has called them.
func (c *Credentials) CloseChannels(inUse *Credentials, log *slog.Logger) {
	for _, in := range c.Channels {
		if !slices.ContainsFunc(inUse.channels(), in.IsKept) {
			in.Close(context.Background(), log)
		}
	}
}

// choose returns the name in the file that --connector means; a type needs no block there.
func (l loader) choose(connector string, names []string) (string, error) {
	i := slices.IndexFunc(names, func(n string) bool { return l.same(n, connector) })
	switch {
	case i >= 0:
		return names[i], nil
	case l.lookup(connector) != nil || slices.Contains(rasaChannels, connector):
		return connector, nil
	}
	known := slices.Concat(names, namesOf(l.types, func(t channels.Type) string { return t.Name }))
	if near := config.Nearest(connector, known); near != "" {
		return "", fmt.Errorf("--connector %s: no such channel: did you mean %q?", connector, near)
	}
	slices.Sort(known)
	return "", fmt.Errorf("--connector %s: no such channel: there are %s", connector, strings.Join(slices.Compact(known), ", "))
}

// same reports whether two names of credentials.yml mean the same instance.
func (l loader) same(a, b string) bool {
	if a == b {
		return true
	}
	ta, tb := l.lookup(a), l.lookup(b)
	return ta != nil && tb != nil && ta.Name == tb.Name
}

// open opens the channel of one block: defaults, strict decode, Validate, Open.
func (l loader) open(file *config.Block, name string) (*instance.Config, error) {
	block, err := file.Sub(name)
	if err != nil {
		return nil, err
	}
	t, channel, err := l.typeOf(file, block, name)
	if err != nil {
		return nil, err
	}
	block = block.Named("channel " + channel)
	if i := slices.IndexFunc(l.inUse, func(in *instance.Config) bool { return in.Name == channel }); i >= 0 {
		if in := l.inUse[i]; in.Type.Name == t.Name && in.Block.Equal(block) {
			return in.At(block), nil
		}
	}
	var keys common
	c := t.New()
	if err := block.Decode(&keys, c); err != nil {
		return nil, err
	}
	if err := errors.Join(keys.validate(), c.Validate()); err != nil {
		return nil, block.Wrap(err)
	}
	exchanges := l.exchanges(channel, t, c, keys.LogText)
	open, err := c.Open(l.env(channel, exchanges))
	if err != nil {
		return nil, block.Wrap(err)
	}
	in := &instance.Config{
		Name: channel, Type: *t, Channel: open,
		InputChannel:    cmp.Or(keys.InputChannel, t.Name),
		SplitParagraphs: keys.SplitParagraphs == nil || *keys.SplitParagraphs,
		SplitMarkdown:   keys.SplitParagraphs != nil && *keys.SplitParagraphs,
		OnFailure:       keys.OnFailure,
		Agent:           keys.Agent,
		Open:            keys.Open,
		Rate:            keys.Rate,
		Allow:           keys.Allow,
		Exchanges:       exchanges,
		Block:           block,
	}
	if err := errors.Join(channels.CheckRoles(open), in.Mount(), validateOpen(in)); err != nil {
		in.Close(context.Background(), l.log)
		return nil, block.Wrap(err)
	}
	return in, nil
}

// env returns what a channel is given.
func (l loader) env(name string, exchanges *channellog.Recorder) channels.Env {
	return channels.Env{
		Name: name, Log: l.log.With("channel", name),
		Dial: new(net.Dialer).DialContext, DialPublic: channels.PublicDialer{}.DialContext,
		PublicURL: l.links.PublicURL(),
		Sign:      func(ref string, life time.Duration) string { return l.links.Sign(name, ref, life) },
		Record:    exchanges.Record,
	}
}

// exchanges returns what records the exchanges of a channel. The log of one that is in use
// goes on, unless it is of another type now.
func (l loader) exchanges(name string, t *channels.Type, c channels.Config, logText bool) *channellog.Recorder {
	log := channellog.New()
	for _, in := range l.inUse {
		if in.Name == name && in.Type.Name == t.Name && in.Exchanges != nil {
			log = in.Exchanges.Log
		}
	}
	return channellog.NewRecorder(log, channellog.NewRedactor(c), logText, l.log.With("channel", name))
}

// validateOpen refuses "open: true" beside what says who may write.
func validateOpen(in *instance.Config) error {
	switch {
	case in.Open && in.Token() != "":
		return errors.New("open: not beside a token: leave one of them out")
	case in.Open && in.Signed():
		return errors.New("open: the channel verifies what its callers sign: leave it out")
	}
	return nil
}

// ChannelNames returns the names of the channels.
func (c *Credentials) ChannelNames() []string {
	return namesOf(c.Channels, func(in *instance.Config) string { return in.Name })
}
