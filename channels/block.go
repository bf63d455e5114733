package channels

import (
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Block is a mapping of a configuration file that knows where it stands, so that
// every complaint about it names file and line. It never quotes a value: it may
// be a secret.
type Block struct {
	file    string
	line    int
	entries []entry
}

type entry struct {
	name  string
	line  int
	value ast.Node
}

// ParseBlock parses a whole file. References such as ${VAR} in its values are
// expanded by expand. An empty file is an empty block.
func ParseBlock(file string, data []byte, expand *Expander) (*Block, error) {
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntaxError(file, err)
	}
	if len(parsed.Docs) > 1 && parsed.Docs[1].Body != nil {
		line := parsed.Docs[1].Body.GetToken().Position.Line
		return nil, fmt.Errorf("%s:%d: a second YAML document: keep everything in one", file, line)
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return &Block{file: file, line: 1}, nil
	}
	root := parsed.Docs[0].Body
	r := resolver{file: file, anchors: map[string]ast.Node{}, expand: expand}
	root = r.resolve(root)
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	b, err := newBlock(file, root)
	if err != nil {
		return nil, fmt.Errorf("%w: expected names with their settings, such as \"rest:\"", err)
	}
	return b, nil
}

func syntaxError(file string, err error) error {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil {
		return fmt.Errorf("%s: not YAML", file)
	}
	return fmt.Errorf("%s:%d: %s", file, y.GetToken().Position.Line, y.GetMessage())
}

func newBlock(file string, n ast.Node) (*Block, error) {
	b := &Block{file: file, line: lineOf(n)}
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return nil, fmt.Errorf("%s:%d: not a mapping", file, b.line)
	}
	for _, v := range m.Values {
		b.entries = append(b.entries, entry{v.Key.GetToken().Value, lineOf(v.Key), v.Value})
	}
	return b, nil
}

func lineOf(n ast.Node) int { return positionOf(n).Line }

func positionOf(n ast.Node) *token.Position {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position
	}
	return &token.Position{Line: 1}
}

// Keys returns the block's keys in the order of the file.
func (b *Block) Keys() []string {
	keys := make([]string, len(b.entries))
	for i, e := range b.entries {
		keys[i] = e.name
	}
	return keys
}

// At returns "file:line" of a key, or of the block when it has no such key.
func (b *Block) At(key string) string {
	if e := b.find(key); e != nil {
		return fmt.Sprintf("%s:%d", b.file, e.line)
	}
	return fmt.Sprintf("%s:%d", b.file, b.line)
}

// Sub returns the block under key, an empty one when the key is absent or has no
// value.
func (b *Block) Sub(key string) (*Block, error) {
	e := b.find(key)
	if e == nil || isNull(e.value) {
		return b.emptySub(e), nil
	}
	sub, err := newBlock(b.file, e.value)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %s: expected keys under it, or nothing", b.file, e.line, key)
	}
	sub.line = e.line
	return sub, nil
}

func (b *Block) emptySub(e *entry) *Block {
	if e == nil {
		return &Block{file: b.file, line: b.line}
	}
	return &Block{file: b.file, line: e.line}
}

// Errorf returns an error that begins with file and line of a key.
func (b *Block) Errorf(key, format string, args ...any) error {
	return fmt.Errorf("%s: %w", b.At(key), fmt.Errorf(format, args...))
}

func (b *Block) find(key string) *entry {
	i := slices.IndexFunc(b.entries, func(e entry) bool { return e.name == key })
	if i < 0 {
		return nil
	}
	return &b.entries[i]
}

func isNull(n ast.Node) bool {
	_, ok := n.(*ast.NullNode)
	return ok
}
