package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// rawJSON is the type of a field that takes any value, as JSON.
var rawJSON = reflect.TypeFor[json.RawMessage]()

// errNoJSON is why a value cannot be written as JSON.
var errNoJSON = errors.New("a value that JSON does not have")

// jsonOf returns a value as JSON. Keys keep their order. Text that a reference was expanded to
// is a number, a boolean or null where it reads as one, as the same text in the file would be.
func jsonOf(n ast.Node) (json.RawMessage, error) {
	switch n := n.(type) {
	case *ast.NullNode:
		return json.RawMessage("null"), nil
	case *ast.BoolNode:
		return json.Marshal(n.Value)
	case *ast.IntegerNode:
		return json.Marshal(n.Value)
	case *ast.FloatNode:
		return jsonOfFloat(n)
	case *ast.LiteralNode:
		return jsonOfText(n.Value.Value)
	case *ast.StringNode:
		if text := []byte(n.Value); n.Token.Type == token.StringType && isBare(text) {
			return text, nil
		}
		return jsonOfText(n.Value)
	case *ast.SequenceNode:
		return jsonOfSequence(n)
	case *ast.MappingNode, *ast.MappingValueNode:
		return jsonOfMapping(n)
	}
	return nil, errNoJSON
}

func jsonOfFloat(n *ast.FloatNode) (json.RawMessage, error) {
	if math.IsInf(n.Value, 0) || math.IsNaN(n.Value) {
		return nil, errNoJSON
	}
	if text := []byte(n.GetToken().Value); isBare(text) {
		return text, nil // with the digits of the file
	}
	return json.Marshal(n.Value)
}

// isBare reports whether a text is JSON that is neither a text nor made of other values.
func isBare(text []byte) bool {
	return len(text) > 0 && bytes.IndexByte([]byte(`"[{ `), text[0]) < 0 && json.Valid(text)
}

func jsonOfText(text string) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(text)
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), err
}

func jsonOfSequence(n *ast.SequenceNode) (json.RawMessage, error) {
	list := []byte{'['}
	for i, item := range n.Values {
		value, err := jsonOf(item)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, value...)
	}
	return append(list, ']'), nil
}

func jsonOfMapping(n ast.Node) (json.RawMessage, error) {
	block, err := newBlock("", n)
	if err != nil {
		return nil, errNoJSON
	}
	object := []byte{'{'}
	for i, e := range block.entries {
		key, err := jsonOfText(e.name)
		if err != nil {
			return nil, err
		}
		value, err := jsonOf(e.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			object = append(object, ',')
		}
		object = append(append(append(object, key...), ':'), value...)
	}
	return append(object, '}'), nil
}
