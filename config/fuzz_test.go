package config_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/config"
)

// FuzzCredentials gives every reference of a file a secret value, and in a second
// file puts the secret itself behind what may begin a value.
func FuzzCredentials(f *testing.F) {
	for _, yaml := range []string{
		"", credentials, "rest:\n  token: ${TOKEN}\n", "token: \"a ${file:/key} b\"\ncount: ${N}\n", "a: &a [*a]\n",
		"inner: &i\n  url: ${U:-x}\npointer:\n  <<: *i\n", "--- |\n a\n---\n", "numbers: {a: 1, ? b, c: d}\n", "%YAML 1.2\n---\n- a\n",
	} {
		f.Add(yaml, "!x ")
		f.Add(yaml, "\"")
	}
	secret := func(string) (string, bool) { return canary, true }
	expander := &config.Expander{LookupEnv: secret, ReadFile: func(string) ([]byte, error) { return []byte(canary), nil }}
	f.Fuzz(func(t *testing.T, yaml, before string) {
		if strings.Contains(yaml+before, canary) || strings.ContainsAny(before, "\r\n") {
			t.Skip("the secret may be a key")
		}
		for _, file := range []string{yaml, "token: " + before + canary} {
			b, err := config.Parse("c.yml", []byte(file), expander)
			if err == nil {
				err = b.Decode(&settings{})
			}
			if strings.Contains(text(err), canary) {
				t.Fatalf("%q: error %v", file, err)
			}
		}
	})
}
