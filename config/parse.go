package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The parser recurses at each level and takes time that grows with the square of
// the levels and of the keys, so that 100,000 brackets would keep it for minutes.
const (
	maxFile   = 256 << 10
	maxLevels = 100
)

// parse returns the one document of a YAML file, nil when there is none.
func parse(file string, data []byte) (ast.Node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // Windows editors put it there
	switch {
	case len(data) > maxFile:
		return nil, fmt.Errorf("%s: larger than %d KiB", file, maxFile>>10)
	case !utf8.Valid(data): // the parser would change a secret's bytes
		return nil, fmt.Errorf("%s: not UTF-8", file)
	}
	if n := len(data); n > 0 && data[n-1] != '\n' { // without it the parser passes over a tag there
		data = append(data[:n:n], '\n')
	}
	tokens := lexer.Tokenize(string(data))
	if line := tooDeep(tokens); line > 0 {
		return nil, fmt.Errorf("%s:%d: more than %d levels deep", file, line, maxLevels)
	}
	if line := skippedDocument(tokens); line > 0 {
		return nil, secondDocument(file, line)
	}
	parsed, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntaxError(file, string(data), err)
	}
	return single(file, parsed.Docs)
}

// tooDeep returns the line at which the nesting passes maxLevels, 0 when none does.
// Block levels stand in columns of their own, and only "- - -" makes them cheap.
func tooDeep(tokens token.Tokens) int {
	levels := 0
	for _, t := range tokens {
		switch t.Type { // the rest opens no level
		case token.SequenceStartType, token.MappingStartType:
			levels++
		case token.SequenceEndType, token.MappingEndType:
			levels = max(0, levels-1)
		case token.SequenceEntryType:
			if t.Position.Column > 2*maxLevels {
				return t.Position.Line
			}
		}
		if levels > maxLevels {
			return t.Position.Line
		}
	}
	return 0
}

// skippedDocument returns the line of a "---" right behind another, 0 when there is none.
// From there on the parser reads nothing, and returns no error.
func skippedDocument(tokens token.Tokens) int {
	var last token.Type
	for _, t := range tokens {
		switch {
		case t.Type == token.CommentType:
			continue
		case t.Type == token.DocumentHeaderType && last == t.Type:
			return t.Position.Line
		}
		last = t.Type
	}
	return 0
}

func single(file string, docs []*ast.DocumentNode) (root ast.Node, err error) {
	for _, d := range docs {
		switch {
		case d.Body == nil || d.Body.Type() == ast.DirectiveType:
		case root != nil:
			return nil, secondDocument(file, lineOf(d.Body))
		default:
			root = d.Body
		}
	}
	return root, nil
}

func secondDocument(file string, line int) error {
	return fmt.Errorf("%s:%d: a second YAML document: keep everything in one", file, line)
}

// syntaxError says with file and line what is wrong and what to do. It leaves out what the
// parser's message quotes, which may be a secret, unless that is a key.
func syntaxError(file, data string, err error) error {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil {
		return fmt.Errorf("%s: not YAML", file)
	}
	message := y.GetMessage()
	if !strings.HasPrefix(message, "mapping key ") {
		message, _, _ = strings.Cut(message, `"`)
		message = strings.TrimRight(message, ": ")
	}
	found := findSlip(data, y.GetToken().Position.Line, message)
	return fmt.Errorf("%s:%d: %s", file, found.line, found.text)
}
