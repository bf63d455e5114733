package channeltest_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// platform is the one that post calls.
func platform() channeltest.Platform {
	return channeltest.Platform{Block: "url: http://platform.example", Recipient: func(r *http.Request) string { return r.URL.Query().Get("to") }}
}

// post sends a part in one call of the platform.
func post(ctx context.Context, env channels.Env, p channels.Part) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://platform.example/?to="+p.Sender, nil)
	if err != nil {
		return err
	}
	res, err := env.Client(channels.ClientConfig{}).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return channels.CheckResponse(res)
}

func TestContractIsolates(t *testing.T) {
	t.Parallel()
	var lock sync.Mutex
	var refused atomic.Bool
	for name, send := range map[string]func(context.Context, channels.Env, channels.Part) error{
		"sends one part at a time": func(ctx context.Context, env channels.Env, p channels.Part) error {
			lock.Lock()
			defer lock.Unlock()
			return post(ctx, env, p)
		},
		"takes a refusal of one for that of all": func(ctx context.Context, env channels.Env, p channels.Part) error {
			err := post(ctx, env, p)
			if err != nil {
				return &channels.SendError{Class: channels.SendUnauthorized, Scope: channels.ScopeChannel, Err: err}
			}
			return nil
		},
		"sends nothing after a refusal": func(ctx context.Context, env channels.Env, p channels.Part) error {
			if refused.Load() {
				return &channels.SendError{Class: channels.SendRejected}
			}
			err := post(ctx, env, p)
			refused.Store(err != nil)
			return err
		},
		"says that all was sent": func(ctx context.Context, env channels.Env, p channels.Part) error {
			if p.Sender == "bob" {
				return nil
			}
			return post(ctx, env, p)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := []string{"delays no recipient for another that is refused"}
			if name == "sends nothing after a refusal" {
				want = append([]string{"tells its log of each call of its platform"}, want...)
			}
			if name == "sends nothing after a refusal" || name == "says that all was sent" {
				want = append(want, "calls the address of its block")
			}
			if name != "sends one part at a time" {
				want = append(want, "says what each failure of its platform means")
			}
			got := channeltest.Failed(typ(fakeConfig{send: send}), good(), platform())
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s", diff)
			}
		})
	}
}

// A channel that sends is not checked by half.
func TestContractNeedsPlatform(t *testing.T) {
	t.Parallel()
	want := []string{"delays no recipient for another that is refused"}
	for name, platforms := range map[string][]channeltest.Platform{"none": nil, "without a recipient": {{}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, channeltest.Failed(typ(fakeConfig{send: post}), good(), platforms...)); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s", diff)
			}
		})
	}
}
