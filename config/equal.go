package config

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// Equal reports whether two blocks say the same: the same keys with the same values once
// references are expanded, in whatever order and wherever they stand. How a value is written
// counts: "5" and 5 differ, and so do two ways to write a number.
func (b *Block) Equal(other *Block) bool {
	if b == nil || other == nil || len(b.entries) != len(other.entries) {
		return b == other
	}
	for _, e := range b.entries {
		o := other.find(e.name)
		if o == nil || !equalNodes(e.value, o.value) {
			return false
		}
	}
	return true
}

// equalNodes compares values. Those of a mapping are compared by their keys, which no file
// has twice.
func equalNodes(a, b ast.Node) bool {
	if a.Type() != b.Type() {
		return false
	}
	switch a := a.(type) {
	case *ast.NullNode: // written as "~" or not at all
		return true
	case *ast.MappingNode:
		return equalMappings(a, b.(*ast.MappingNode))
	case *ast.SequenceNode:
		return slices.EqualFunc(a.Values, b.(*ast.SequenceNode).Values, equalNodes)
	case *ast.LiteralNode:
		return a.Value.Value == b.(*ast.LiteralNode).Value.Value
	case *ast.StringNode: // its token still has the reference
		return a.Value == b.(*ast.StringNode).Value
	}
	return a.GetToken().Value == b.GetToken().Value
}

func equalMappings(a, b *ast.MappingNode) bool {
	if len(a.Values) != len(b.Values) {
		return false
	}
	values := map[string]ast.Node{}
	for _, v := range b.Values {
		values[v.Key.GetToken().Value] = v.Value
	}
	for _, v := range a.Values {
		other := values[v.Key.GetToken().Value]
		if other == nil || !equalNodes(v.Value, other) {
			return false
		}
	}
	return true
}
