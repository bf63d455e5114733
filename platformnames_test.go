package manyvox_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// platform are the names that only the folder of a channel may know.
var platform = regexp.MustCompile(`(?i)slack|telegram|whatsapp|messenger|facebook|mattermost|twilio|webex|rocketchat|hangouts|msteams|discord`)

// TestPlatformNames keeps the names of platforms out of the code of package channels and of
// service. Comments may have them, and setup's list of what Rasa calls its channels.
func TestPlatformNames(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("channels/*.go")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("service", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".go") && path != "service/setup/channeltype.go" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, found := range namesIn(t, file) {
			t.Error(found)
		}
	}
}

// namesIn returns where a file has the name of a platform in an identifier or a text.
func namesIn(t *testing.T, file string) (found []string) {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		text := ""
		switch n := n.(type) {
		case *ast.Ident:
			text = n.Name
		case *ast.BasicLit:
			text = n.Value
		}
		if platform.MatchString(strings.ReplaceAll(text, "clockSlack", "")) { // the slack of a clock
			found = append(found, set.Position(n.Pos()).String()+": "+text)
		}
		return true
	})
	return found
}
