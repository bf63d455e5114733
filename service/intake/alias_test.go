package intake_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// aliasesOf returns the role of a channel's inbox.
func aliasesOf(t *testing.T, h *servicetest.Harness) channels.Aliaser {
	t.Helper()
	a, ok := h.Inbox(t, "chat").(channels.Aliaser)
	if !ok {
		t.Fatal("the inbox has no aliases")
	}
	return a
}

// A person who writes from two ids has one conversation, and a part follows the id in use.
func TestAliases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo()})
		a := aliasesOf(t, h)
		for _, c := range []struct {
			ids  []string
			text string
		}{
			{[]string{"-5"}, "one"}, {[]string{"-1005", "-5"}, "two"}, {[]string{"-1005"}, "three"}, {[]string{"-1005", "-1005"}, "four"},
		} {
			sender, err := a.Sender(t.Context(), c.ids...)
			if err != nil {
				t.Fatal(err)
			}
			h.Post(t, "chat", sender, c.text)
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{"one", "two", "three", "four"}, h.Accepted("chat", "-5")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if ids, err := a.Ids(t.Context(), "-5"); err != nil || !slices.Equal(ids, []string{"-1005", "-5"}) {
			t.Errorf("ids %q, %v", ids, err)
		}
	})
}

// A list of those who may write matches any id of a sender.
func TestAliasesAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newLimited(t, "allow: [new]")
		a := aliasesOf(t, h)
		post := func(want bool, ids ...string) {
			t.Helper()
			sender, err := a.Sender(t.Context(), ids...)
			if err != nil {
				t.Fatal(err)
			}
			err = h.Inbox(t, "chat").Post(t.Context(), servicetest.NewMessage(sender, "hi"))
			if (err == nil) != want || err != nil && !errors.Is(err, channels.ErrInvalid) {
				t.Errorf("%q: %v", ids, err)
			}
		}
		post(false, "old")
		post(true, "old", "new")
		post(true, "old")
		post(false, "stranger")
	})
}

// Ids that no sender may have are refused, as Post refuses them, and none is stored.
func TestAliasesRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo()})
		a := aliasesOf(t, h)
		for _, ids := range [][]string{
			nil, {""}, {"a", ""}, {"a", "\xff"}, {"a", strings.Repeat("b", 257)}, strings.Split(strings.Repeat("a", channels.MaxAliases+1), ""),
		} {
			if _, err := a.Sender(t.Context(), ids...); !errors.Is(err, channels.ErrInvalid) || errors.Is(err, channels.ErrUnavailable) {
				t.Errorf("%.20q: %v", ids, err)
			}
		}
		if ids, err := a.Ids(t.Context(), "a"); err != nil || !slices.Equal(ids, []string{"a"}) {
			t.Errorf("ids %q, %v", ids, err)
		}
		if err := h.Journal.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Sender(t.Context(), "a"); !errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("without a journal: %v", err)
		}
	})
}
