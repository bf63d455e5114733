package channels_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

type plain struct{}

func (plain) Inbound(channels.Inbox) http.Handler { return nil }

// oldMounter has the Mount of an earlier version.
type oldMounter struct{ plain }

func (oldMounter) Mount(channels.Inbox) (path string, h http.Handler) { return "/", nil }

// slipped has two methods that are no roles, one of them of a pointer.
type slipped struct{ plain }

func (*slipped) Send(context.Context, *channels.Part) error { return nil }

func (slipped) Limits() (channels.Limits, error) { return channels.Limits{}, nil }

// ownConfig is a channel that is its own Config, and is closed in the end: its Open and its
// Close are no Streamer's.
type ownConfig struct{ plain }

func (*ownConfig) Open(channels.Env) (channels.Channel, error) { return nil, nil }

func (*ownConfig) Close(context.Context) error { return nil }

// halfStreamer adds to messages, and has a Close that is no Streamer's.
type halfStreamer struct{ ownConfig }

func (*halfStreamer) Append(context.Context, channels.Part, channels.Receipt, string) error {
	return nil
}

// whole has roles, and a method that is named like none.
type whole struct{ plain }

func (whole) Mount(channels.Inbox) []channels.Route { return nil }

func (whole) Run(context.Context, channels.Inbox) error { return nil }

func (whole) Sent(string) {}

func TestCheckRoles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		channel channels.Channel
		want    []string
	}{
		{"no role", plain{}, nil},
		{"roles", whole{}, nil},
		{"the Mount of an earlier version", oldMounter{}, []string{
			"its method Mount(channels.Inbox) (string, http.Handler) is named like a role's: " +
				"it should be Mount(channels.Inbox) []channels.Route, or have another name",
		}},
		{"its own Config", &ownConfig{}, nil},
		{"half a Streamer", &halfStreamer{}, []string{
			"its method Open(channels.Env) (channels.Channel, error) is named like a role's: " +
				"it should be Open(context.Context, channels.Part) (channels.Receipt, error), or have another name",
		}},
		{"two", &slipped{}, []string{
			"its method Limits() (channels.Limits, error) is named like a role's: it should be Limits() channels.Limits, or have another name",
			"its method Send(context.Context, *channels.Part) error is named like a role's: " +
				"it should be Send(context.Context, channels.Part) (channels.Receipt, error), or have another name",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := channels.CheckRoles(c.channel); err != nil {
				got = err.Error()
			}
			if want := strings.Join(c.want, "\n"); got != want {
				t.Errorf("error\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestRolesAreListed finds each interface of this package that its comment calls a role of
// a channel, and looks for it among those that CheckRoles knows.
func TestRolesAreListed(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("role.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	isRole := regexp.MustCompile(`^(\w+) is the( optional)? role of a (channel|Sender)`)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Doc == nil {
				continue
			}
			role := isRole.FindStringSubmatch(decl.Doc.Text())
			if role == nil {
				continue
			}
			found++
			if !strings.Contains(string(list), "TypeFor["+role[1]+"]") {
				t.Errorf("%s: %s is a role, and roles() does not list it", name, role[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("%d roles found", found)
	}
}
