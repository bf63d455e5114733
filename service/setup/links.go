package setup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// linkSetting is the key of what signs links among the journal's settings.
const linkSetting = "link-key"

// Links make and check the links at which media are read.
type Links = instance.Links

// NewLinks returns the links of a --public-url, which may be empty.
func NewLinks(publicURL string) (*Links, error) {
	if publicURL == "" {
		return instance.NewLinks(""), nil
	}
	u, err := url.Parse(publicURL)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.Opaque != "":
		return nil, errors.New("expected an address such as https://bot.example or https://example.com/bot")
	case u.User != nil:
		return nil, errors.New("expected an address without a name and a password: everybody sees it")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(publicURL, "#"):
		return nil, errors.New("expected an address without \"?\" and \"#\": paths are added to it")
	}
	return instance.NewLinks(strings.TrimRight(u.String(), "/")), nil
}

// UseLinkKey has links signed by the key that the journal keeps: 32 random bytes in hex.
func UseLinkKey(ctx context.Context, links *Links, s journal.Settings) error {
	key, err := randomSetting(ctx, s, linkSetting, 32)
	if err != nil {
		return fmt.Errorf("key of links: %w", err)
	}
	links.UseKey(channels.Secret(key))
	return nil
}
