package slack_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, block string
		scopes      []string
		want        []string
		not         string
	}{
		{"webhook", webhook, nil, []string{"@vox in ", slacktest.TeamID, "posted to the webhook"}, "missing"},
		{"socket", socket, nil, []string{"Socket Mode"}, "webhook"},
		{"our team", webhook + "\nteam: " + slacktest.TeamID, nil, []string{"@vox"}, ""},
		{"scopes", webhook, []string{"chat:write", "im:history"}, []string{"app_mentions:read is missing, for mentions", "files:read is missing", "files:write is missing"}, "chat:write is"},
	} {
		s, address := fake(t, slacktest.Options{Scopes: x.scopes})
		got, err := open(t, x.block+"\napi_base_url: "+address).Probe(t.Context())
		if err != nil || x.not != "" && strings.Contains(got, x.not) {
			t.Errorf("%s: %q, %v", x.name, got, err)
		}
		for _, want := range x.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q lacks %q", x.name, got, want)
			}
		}
		for _, call := range s.Calls() {
			if call.Method != "auth.test" && call.Method != "apps.connections.open" {
				t.Errorf("%s calls %s", x.name, call.Method)
			}
		}
	}
}

// TestProbeFails says what is wrong in Slack's words, and what to do.
func TestProbeFails(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ name, block, method, code, want string }{
		{"token", webhook, "auth.test", "invalid_auth", "see the token on the app's page OAuth & Permissions: invalid_auth"},
		{"app token", socket, "apps.connections.open", "missing_scope", "app_token"},
		{"another team", webhook + "\nteam: T9", "", "", `team is "T9"`},
		{"another server", webhook, "", "", "is api_base_url right?"},
	} {
		s, address := fake(t, slacktest.Options{})
		if x.method != "" {
			s.Fail(x.method, x.code)
		}
		if x.name == "another server" {
			address = fakeAnswer(t, "<html>")
		}
		got, err := open(t, x.block+"\napi_base_url: "+address).Probe(t.Context())
		if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %q, %v", x.name, got, err)
		}
	}
}
