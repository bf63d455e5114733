package channels_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

const canary = "s3cr3t"

// TestSecret looks for a secret in whatever a value that holds it may become.
func TestSecret(t *testing.T) {
	t.Parallel()
	type holder struct {
		Secret  channels.Secret
		Pointer *channels.Secret
		List    []channels.Secret
		Map     map[string]channels.Secret
		channels.Guard
	}
	secret := channels.Secret(canary)
	all := holder{secret, &secret, []channels.Secret{secret}, map[string]channels.Secret{"key": secret}, channels.Guard{Token: secret}}
	for name, v := range map[string]any{
		"alone": secret, "pointer": &secret, "struct": all, "pointer to a struct": &all, "list": all.List, "map": all.Map,
		"guard": all.Guarded(), "error": fmt.Errorf("token %v: %w", secret, errors.New("wrong")), "any": []any{secret, all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shown := shownAs(t, v)
			for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
				if strings.Contains(shown, form) {
					t.Errorf("%q is shown:\n%s", form, shown)
				}
			}
			if !strings.Contains(shown, "<secret>") {
				t.Errorf("nothing tells that there is a secret:\n%s", shown)
			}
		})
	}
}

func shownAs(t *testing.T, v any) string {
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	if m, ok := v.(encoding.TextMarshaler); ok {
		text, _ := m.MarshalText()
		b.Write(text)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("text", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("JSON", "v", v, slog.Any("group", slog.GroupValue(slog.Any("v", v))))
	return b.String()
}

func TestSecretEmpty(t *testing.T) {
	t.Parallel()
	var s channels.Secret
	if got := fmt.Sprintf("%v%s%q%#v", s, s, s, s); got != "" {
		t.Errorf("an empty secret is shown as %q", got)
	}
}

func TestSecretEqual(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, secret, candidate string
		want                    bool
	}{
		{"same", "a", "a", true},
		{"other", "a", "b", false},
		{"longer", "a", "aa", false},
		{"none given", "a", "", false},
		{"none set", "", "", false},
		{"none set, one given", "", "a", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := channels.Secret(c.secret)
			if got := s.Equal(c.candidate); got != c.want {
				t.Errorf("Equal gives %v, want %v", got, c.want)
			}
			if s.Reveal() != c.secret {
				t.Errorf("Reveal gives another than %q", c.secret)
			}
		})
	}
}

// A derived secret is the same each time, another for each purpose and each secret, and one that
// headers take.
func TestSecretDerive(t *testing.T) {
	t.Parallel()
	s := channels.Secret("123:abc")
	got := s.Derive("webhook").Reveal()
	// By openssl dgst -sha256 -hmac.
	if want := "3afed3d48361af35321b45ba2bb60210447637d1b3fd24495fde510fffb1d0c0"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got != s.Derive("webhook").Reveal() || got == s.Derive("link").Reveal() || got == channels.Secret("123:abd").Derive("webhook").Reveal() {
		t.Error("it is not one for each secret and purpose")
	}
}
