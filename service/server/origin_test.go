package server_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/service/server"
)

func TestCheckOrigin(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{
		"*", "https://www.example.com", "http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000",
		"https://*.shop.example", "https://*.shop.example:8443", "capacitor://localhost", "chrome-extension://abcdef",
	} {
		if err := server.CheckOrigin(entry); err != nil {
			t.Errorf("%s: %v", entry, err)
		}
	}
	for entry, want := range map[string]string{
		`["*"]`:                       "expected an origin",
		"localhost:8000":              "expected an origin",
		"www.example.com":             "expected an origin",
		"null":                        "expected an origin",
		"":                            "expected an origin",
		"**":                          "expected an origin",
		"http://*":                    "expected an origin",
		"https://":                    "expected an origin",
		"https://:8000":               "expected an origin",
		"https://*.":                  "would match every name",
		"https://*.com":               "would match every name",
		"https://*.a.*.example":       "expected an origin",
		"https://shop.*":              "expected an origin",
		"https://*shop.example":       "expected an origin",
		"https://www.example.com/":    "write https://www.example.com",
		"https://www.example.com/a":   "expected an origin",
		"https://www.example.com?a":   "expected an origin",
		"https://me@www.example.com":  "expected an origin",
		"https://www.example.com:443": "write https://www.example.com",
		"http://www.example.com:80":   "write http://www.example.com",
		"http://a b":                  "expected an origin",
	} {
		if err := server.CheckOrigin(entry); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"`) {
			t.Errorf("%q: %v, want %q", entry, err, want)
		}
	}
}
