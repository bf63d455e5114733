package manyvox_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// tree is what documents and comments may name: the module's files and folders by their
// paths from the root, the names of its folders, and the symbols of its packages by package
// name. A symbol is "Name" or "Type.Member"; "Type.*" means that not all members of a type
// are known.
type tree struct {
	files   map[string]bool
	folders map[string]bool
	symbols map[string]map[string]bool
}

// line is a line of a document or comment, at a file and line. pkg is the Go package, ""
// in a document. foreign are the names of imported packages that are not ours.
type line struct {
	at, dir, pkg, text string
	foreign            []string
}

// readTree reads the module, but for what others wrote and what is hidden.
func readTree(t *testing.T) (tree, []line) {
	t.Helper()
	tr := tree{files: map[string]bool{}, folders: map[string]bool{}, symbols: map[string]map[string]bool{}}
	var lines []line
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := name != "." && strings.HasPrefix(d.Name(), ".")
		if d.IsDir() && (hidden || d.Name() == "node_modules" || d.Name() == "target") {
			return fs.SkipDir
		}
		tr.files[filepath.ToSlash(name)] = true
		switch {
		case d.IsDir():
			tr.folders[d.Name()] = true
		case path.Ext(name) == ".go":
			lines = append(lines, tr.readGo(t, name)...)
		case path.Ext(name) == ".proto", name == "README.md", strings.HasPrefix(name, "docs/"):
			lines = append(lines, readText(t, name)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr, lines
}

// readText returns the lines of a document but for its code blocks, or the comments of
// a .proto file.
func readText(t *testing.T, name string) (lines []line) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fenced := false
	for i, text := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(strings.TrimSpace(text), "```") {
			fenced = !fenced
		}
		comment := path.Ext(name) != ".proto" || strings.HasPrefix(strings.TrimSpace(text), "//")
		if !fenced && comment {
			lines = append(lines, line{at: fmt.Sprintf("%s:%d", name, i+1), dir: path.Dir(name), text: text})
		}
	}
	return lines
}

// readGo adds the symbols of a file and returns its comments, none of generated code.
func (tr tree) readGo(t *testing.T, name string) (lines []line) {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	pkg := strings.TrimSuffix(f.Name.Name, "_test")
	tr.declare(pkg, f)
	if ast.IsGenerated(f) {
		return nil
	}
	var foreign []string
	for _, i := range f.Imports {
		if p := strings.Trim(i.Path.Value, `"`); !strings.HasPrefix(p, module) {
			foreign = append(foreign, path.Base(p))
		}
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			lines = append(lines, line{set.Position(c.Pos()).String(), path.Dir(name), pkg, c.Text, foreign})
		}
	}
	return lines
}

// declare adds the symbols of a file.
func (tr tree) declare(pkg string, f *ast.File) {
	if tr.symbols[pkg] == nil {
		tr.symbols[pkg] = map[string]bool{}
	}
	symbols := tr.symbols[pkg]
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			symbols[receiver(d)+d.Name.Name] = true
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					symbols[s.Name.Name] = true
					members(symbols, s.Name.Name, s.Type)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						symbols[n.Name], symbols[n.Name+".*"] = true, true
					}
				}
			}
		}
	}
}

// receiver returns "Type." of a method.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.Ident:
			return x.Name + "."
		default:
			return ""
		}
	}
}

// members adds the fields of a struct or the methods of an interface. Those of what is
// embedded, and of other types, are not known.
func members(symbols map[string]bool, owner string, typ ast.Expr) {
	var fields *ast.FieldList
	switch typ := typ.(type) {
	case *ast.StructType:
		fields = typ.Fields
	case *ast.InterfaceType:
		fields = typ.Methods
	default:
		symbols[owner+".*"] = true
		return
	}
	for _, f := range fields.List {
		if len(f.Names) == 0 {
			symbols[owner+".*"] = true
		}
		for _, n := range f.Names {
			symbols[owner+"."+n.Name] = true
		}
	}
}
