package config

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// The functions below say what is probably meant by YAML that is well formed and yet of
// another kind than what is asked for. They begin with ": ", or are empty.

// notKeys says why a node has no keys under it.
func notKeys(n ast.Node) string {
	switch n := n.(type) {
	case *ast.SequenceNode:
		if n.IsFlowStyle {
			return ": found a list in brackets"
		}
		return ": found a list: leave out the dashes"
	case *ast.StringNode:
		if text := keySlip(n.Token.Value); n.Token.Type == token.StringType && text != "" && !isWord(n.Token.Value) {
			return ": " + text
		}
	}
	return ""
}

// isWord reports whether a text is one word, which no colon was left out of, or a URL.
func isWord(text string) bool {
	for i := range len(text) {
		switch {
		case text[i] == ':' && len(text) > i+2 && text[i+1:i+3] == "//":
			return true
		case text[i] == ' ', text[i] == ':', text[i] == '=', text[i] >= 0x80:
			return false
		}
	}
	return text == "" || text[0] != '-' && text[0] != '/'
}

// notScalar says why a node is no single value. Where a text is asked for, a bracket was
// probably meant to be part of it.
func notScalar(n ast.Node, asText bool) string {
	switch n := n.(type) {
	case *ast.MappingNode:
		if n.IsFlowStyle && asText {
			return ": quote a value that begins with {"
		}
		return ": found keys under it"
	case *ast.SequenceNode:
		switch {
		case n.IsFlowStyle && asText:
			return ": quote a value that begins with ["
		case n.IsFlowStyle:
			return ": found a list in brackets"
		}
		return ": found a list: leave out the dash"
	}
	return ""
}

// notIndented says that an entry, which has no keys under it, may be a key of the one above.
func (b *Block) notIndented(key string) string {
	for i, e := range b.entries {
		if _, isScalar := e.value.(ast.ScalarNode); e.name == key && isScalar && i > 0 && isNull(b.entries[i-1].value) {
			return ": indent it if it is meant to be under the key above"
		}
	}
	return ""
}
