package instance_test

import (
	"errors"
	"net/url"
	"path"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// opened returns what a link of a channel opens.
func opened(t *testing.T, l *instance.Links, channel, link string) (ref string, err error) {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return l.Verify(channel, path.Base(u.Path), u.Query())
}

func TestLinks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := instance.NewLinks("https://bot.example/prefix")
		l.UseKey("key")
		const ref = "a/b?c=ä\n"
		link := l.Sign("rest", ref, time.Hour)
		if !strings.HasPrefix(link, "https://bot.example/prefix/webhooks/rest/media/") {
			t.Errorf("the link is %s", link)
		}
		time.Sleep(time.Hour - time.Second)
		if got, err := opened(t, l, "rest", link); got != ref || err != nil {
			t.Errorf("it opens %q, error %v", got, err)
		}
		replica := instance.NewLinks("")
		replica.UseKey("key")
		if got, err := opened(t, replica, "rest", link); got != ref || err != nil {
			t.Errorf("another replica opens %q, error %v", got, err)
		}
		for name, c := range map[string]struct {
			links         *instance.Links
			channel, link string
		}{
			"another channel":  {l, "web", link},
			"another key":      {instance.NewLinks(""), "rest", link},
			"another medium":   {l, "rest", strings.Replace(link, "/media/", "/media/YQ", 1)},
			"a later end":      {l, "rest", strings.Replace(link, "expires=", "expires=9", 1)},
			"no signature":     {l, "rest", link[:strings.Index(link, "&signature")]},
			"half a signature": {l, "rest", link[:len(link)-8]},
			"padding":          {l, "rest", link + "="},
		} {
			if _, err := opened(t, c.links, c.channel, c.link); !errors.Is(err, &channels.Error{Code: channels.CodePermissionDenied}) {
				t.Errorf("%s: error %v", name, err)
			}
		}
		time.Sleep(time.Second)
		if _, err := opened(t, l, "rest", link); !errors.Is(err, &channels.Error{Code: channels.CodeGone}) {
			t.Errorf("after an hour: error %v", err)
		}
	})
}

// Without --public-url there is no link.
func TestNoLinks(t *testing.T) {
	t.Parallel()
	if link := instance.NewLinks("").Sign("rest", "r", time.Hour); link != "" {
		t.Errorf("the link is %s", link)
	}
}

// A link opens what it was signed for and nothing else, whatever it says.
func FuzzLinks(f *testing.F) {
	l := instance.NewLinks("https://bot.example")
	l.UseKey("key")
	link, _ := url.Parse(l.Sign("rest", "r", time.Hour)) // is a URL
	f.Add("rest", path.Base(link.Path), link.RawQuery)
	f.Add("rest", "", "expires=&signature=")
	f.Add("rest", "cg", "expires=99999999999999999999&signature=AA")
	f.Add("", "\x00", "expires=-1;signature=%zz")
	f.Fuzz(func(t *testing.T, channel, id, rawQuery string) {
		query, _ := url.ParseQuery(rawQuery) // what can be read of it
		ref, err := l.Verify(channel, id, query)
		if err == nil && (ref != "r" || channel != "rest" || query.Get("signature") != link.Query().Get("signature")) {
			t.Errorf("%q on %q with %q opens %q", id, channel, rawQuery, ref)
		}
		if err != nil && ref != "" {
			t.Errorf("ref %q beside error %v", ref, err)
		}
	})
}

// Lists of texts that look alike side by side have different digests.
func TestLinksDigest(t *testing.T) {
	t.Parallel()
	l := instance.NewLinks("")
	a, b, c := l.Digest("p", "ab", "c"), l.Digest("p", "a", "bc"), l.Digest("pa", "b", "c")
	if string(a) == string(b) || string(b) == string(c) || string(a) == string(c) {
		t.Error("two of the digests are the same")
	}
}
