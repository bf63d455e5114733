package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// benchmark is a function of a package's tests.
type benchmark struct {
	pkg  string // within the module
	name string
}

func (b benchmark) String() string { return b.pkg + "." + strings.TrimPrefix(b.name, "Benchmark") }

// benchmarksIn returns the names of those of a file.
func benchmarksIn(file string) (names []string, err error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Type.Params.NumFields() == 1 && isBenchmark(f.Name.Name) {
			names = append(names, f.Name.Name)
		}
	}
	return names, nil
}

// isBenchmark has the rule of go test: BenchmarkNext and Benchmark, not Benchmarked.
func isBenchmark(name string) bool {
	rest, ok := strings.CutPrefix(name, "Benchmark")
	next, _ := utf8.DecodeRuneInString(rest)
	return ok && !unicode.IsLower(next)
}
