package channeltest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// fetcher is a channel whose platform keeps media.
type fetcher struct{ channel }

func (f fetcher) Fetch(ctx context.Context, ref string) (channels.Medium, error) {
	return f.m.fetch(ctx, f.m, ref)
}

var _ channels.Media = fetcher{}

// download fetches a medium as a channel should.
func download(ctx context.Context, m *fakeConfig, ref string) (channels.Medium, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://platform.example/"+url.PathEscape(ref), nil)
	if err != nil {
		return channels.Medium{}, err
	}
	req.Header.Set("Authorization", "Bearer "+m.Token.Reveal())
	return channels.NewDownloader(m.env.DialPublic).Get(req)
}

func TestContractFetching(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, typ(fakeConfig{fetch: download}), good())
}

func TestContractFetchingFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fetch func(ctx context.Context, m *fakeConfig, ref string) (channels.Medium, error)
		want  string
	}{
		"gives something for an unknown ref": {func(context.Context, *fakeConfig, string) (channels.Medium, error) {
			return channels.Medium{ReadCloser: io.NopCloser(strings.NewReader("?"))}, nil
		}, "something for an unknown ref"},
		"tells its token": {func(ctx context.Context, m *fakeConfig, ref string) (channels.Medium, error) {
			medium, err := download(ctx, m, ref)
			if err != nil {
				err = fmt.Errorf("with %s: %w", m.Token.Reveal(), err)
			}
			return medium, err
		}, "shows a secret"},
		"ignores its context": {func(ctx context.Context, m *fakeConfig, ref string) (channels.Medium, error) {
			return download(context.WithoutCancel(ctx), m, ref)
		}, "does not answer"},
		"reads without end": {func(ctx context.Context, m *fakeConfig, ref string) (channels.Medium, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://platform.example/", nil)
			if err != nil {
				return channels.Medium{}, err
			}
			res, err := (&http.Client{Transport: &http.Transport{DialContext: m.env.Dial}}).Do(req)
			if err != nil || res.StatusCode != http.StatusOK {
				return channels.Medium{}, errors.New("no such medium")
			}
			return channels.Medium{ReadCloser: res.Body}, nil
		}, "sends without end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := channeltest.CheckSoon("fetches media and ends", typ(fakeConfig{fetch: c.fetch}), good())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}
