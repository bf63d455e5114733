package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Block is a mapping of a configuration file. It knows its file and line, so that every
// error about it names both. No error quotes a value, which may be a secret.
type Block struct {
	file    string
	line    int
	subject string
	entries []entry
	// warnings are those of the whole file.
	warnings []string
}

// Warnings returns what is probably not meant in the file that Parse has parsed.
func (b *Block) Warnings() []string { return b.warnings }

type entry struct {
	name  string
	line  int
	value ast.Node
}

// Parse parses a whole file. References such as ${VAR} in its values are
// expanded by expand. An empty file is an empty block. Keys at the top that begin with
// "x-" are left out: they are a place for anchors.
func Parse(file string, data []byte, expand *Expander) (*Block, error) {
	root, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	if root == nil {
		return &Block{file: file, line: 1}, nil
	}
	r := resolver{file: file, anchors: map[string]ast.Node{}, idle: map[string]ast.Node{}, expand: expand}
	root = r.resolve(root)
	r.warnOfIdle()
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	b, err := newBlock(file, root)
	if err != nil {
		return nil, fmt.Errorf("%w: expected names with their settings, such as \"rest:\"%s", err, notKeys(root))
	}
	b.entries = slices.DeleteFunc(b.entries, func(e entry) bool { return strings.HasPrefix(e.name, "x-") })
	b.warnings = r.warnings
	return b, nil
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

// Named returns the block with a subject, such as "channel rest", that its errors
// begin with.
func (b *Block) Named(subject string) *Block {
	named := *b
	named.subject = subject
	return &named
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
	if e == nil {
		return &Block{file: b.file, line: b.line}, nil
	}
	if isNull(e.value) {
		return &Block{file: b.file, line: e.line}, nil
	}
	sub, err := newBlock(b.file, e.value)
	if err != nil {
		hint := cmp.Or(notKeys(e.value), b.notIndented(key))
		return nil, b.errorAt(lineOf(e.value), "%s: expected keys under it, or nothing%s", key, hint)
	}
	sub.line = e.line
	return sub, nil
}

// List returns the blocks of the list under key, none when the key is absent or has no value.
func (b *Block) List(key string) ([]*Block, error) {
	e := b.find(key)
	if e == nil || isNull(e.value) {
		return nil, nil
	}
	sequence, ok := e.value.(*ast.SequenceNode)
	if !ok {
		return nil, b.errorAt(lineOf(e.value), "%s: expected a list, each item with keys", key)
	}
	list := make([]*Block, len(sequence.Values))
	for i, item := range sequence.Values {
		var err error
		if list[i], err = newBlock(b.file, item); err != nil {
			return nil, b.errorAt(lineOf(item), "%s[%d]: expected keys under it", key, i)
		}
		if m := item.(*ast.MappingNode); len(m.Values) > 0 { // the token of a mapping is a colon, which may be lines away
			list[i].line = lineOf(m.Values[0].Key)
		}
	}
	return list, nil
}

// Text returns the text under key, "" when the key is absent or has no value.
func (b *Block) Text(key string) (string, error) {
	e := b.find(key)
	if e == nil || isNull(e.value) {
		return "", nil
	}
	text, ok := scalarText(e.value)
	if !ok {
		return "", b.Errorf(key, "%s: expected a text%s", key, notScalar(e.value, true))
	}
	return text, nil
}

// Errorf returns an error that begins with file and line of a key, and the subject.
func (b *Block) Errorf(key, format string, args ...any) error {
	line := b.line
	if e := b.find(key); e != nil {
		line = e.line
	}
	return b.errorAt(line, format, args...)
}

// Wrap puts file, line and subject before each of the errors joined in err. One that
// begins with a key of the block ("url: expected ...") gets that key's line.
func (b *Block) Wrap(err error) error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok { // only a list itself is taken apart
		var errs []error
		for _, e := range joined.Unwrap() {
			errs = append(errs, b.Wrap(e))
		}
		return errors.Join(errs...)
	}
	key, _, _ := strings.Cut(err.Error(), ":")
	return b.Errorf(key, "%w", err)
}

func (b *Block) errorAt(line int, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if b.subject != "" {
		err = fmt.Errorf("%s: %w", b.subject, err)
	}
	return fmt.Errorf("%s:%d: %w", b.file, line, err)
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
