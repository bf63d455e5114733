package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Decode decodes the block strictly into structs (pointers), each of which takes
// the keys that its yaml tags name; a key that none takes is an error that names
// the nearest one. Absent keys, and keys without a value, leave their field alone; a field
// with a method NeedsValue refuses the latter.
//
// Fields may be of type string, Secret, bool, int, float64, time.Duration ("30s"),
// anything with UnmarshalText, json.RawMessage, which takes any value, structs, pointers,
// slices and maps with string keys of these. The text of a string is the file's, so 0123 and +49 stay as
// written.
func (b *Block) Decode(into ...any) error {
	fields := map[string]reflect.Value{}
	for _, target := range into {
		collect(reflect.ValueOf(target).Elem(), fields)
	}
	return b.decode("", fields)
}

func (b *Block) decode(path string, fields map[string]reflect.Value) error {
	var errs []error
	for _, e := range b.entries {
		field, ok := fields[e.name]
		if !ok {
			errs = append(errs, b.errorAt(e.line, "unknown key %q%s", path+e.name, nearestOf(e.name, fields)))
			continue
		}
		errs = append(errs, b.set(path+e.name, e.value, field))
	}
	return errors.Join(errs...)
}

// collect lists the fields of a struct by their yaml names; embedded structs count
// as part of it.
func collect(v reflect.Value, fields map[string]reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			collect(v.Field(i), fields)
		case name != "" && name != "-":
			fields[name] = v.Field(i)
		}
	}
}

func (b *Block) set(path string, n ast.Node, field reflect.Value) error {
	if isNull(n) {
		if _, ok := field.Addr().Interface().(interface{ NeedsValue() }); ok {
			return b.errorAt(lineOf(n), "%s: expected %s; quote one that begins with #", path, describe(field))
		}
		return nil
	}
	var expected string
	switch {
	case field.Type() == rawJSON:
		value, err := jsonOf(n)
		if err != nil {
			return b.errorAt(lineOf(n), "%s: %w", path, err)
		}
		field.SetBytes(value)
		return nil
	case field.Kind() == reflect.Pointer:
		if field.IsNil() {
			field.Set(reflect.New(field.Type().Elem()))
		}
		return b.set(path, n, field.Elem())
	case isScalar(field):
		text, ok := scalarText(n)
		if ok && setScalar(field, text) == nil {
			return nil
		}
		expected = describe(field)
	case field.Kind() == reflect.Slice:
		return b.setSlice(path, n, field)
	default: // a struct or a map
		return b.setMapping(path, n, field)
	}
	return b.errorAt(lineOf(n), "%s: expected %s%s", path, expected, notScalar(n, field.Kind() == reflect.String))
}

func (b *Block) setSlice(path string, n ast.Node, field reflect.Value) error {
	items := []ast.Node{n} // one value stands for a list of one
	switch n := n.(type) {
	case *ast.SequenceNode:
		items = n.Values
	case *ast.StringNode:
		if text := n.Token.Value; strings.HasPrefix(text, "-") && strings.Contains(text, " -") && n.Token.Type == token.StringType {
			return b.errorAt(lineOf(n), "%s: expected a list: a space is missing behind the dash", path)
		}
	case *ast.MappingNode:
		if isScalar(reflect.New(field.Type().Elem()).Elem()) {
			return b.errorAt(lineOf(n), "%s: expected a list, such as [a, b]: found keys under it", path)
		}
	}
	list := reflect.MakeSlice(field.Type(), len(items), len(items))
	var errs []error
	for i, item := range items {
		errs = append(errs, b.set(fmt.Sprintf("%s[%d]", path, i), item, list.Index(i)))
	}
	field.Set(list)
	return errors.Join(errs...)
}

func (b *Block) setMapping(path string, n ast.Node, field reflect.Value) error {
	sub, err := newBlock(b.file, n)
	if err != nil {
		return b.errorAt(lineOf(n), "%s: expected keys under it%s", path, notKeys(n))
	}
	sub.subject = b.subject
	if field.Kind() == reflect.Struct {
		fields := map[string]reflect.Value{}
		collect(field, fields)
		return sub.decode(path+".", fields)
	}
	m := reflect.MakeMap(field.Type())
	var errs []error
	for _, e := range sub.entries {
		value := reflect.New(field.Type().Elem()).Elem()
		if !isNull(e.value) { // what stands alone in braces may be a value, which no error quotes
			errs = append(errs, sub.set(path+"."+e.name, e.value, value))
		}
		m.SetMapIndex(reflect.ValueOf(e.name), value)
	}
	field.Set(m)
	return errors.Join(errs...)
}

func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case ast.ScalarNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func isScalar(field reflect.Value) bool {
	if _, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return true
	}
	switch field.Kind() { // the rest is not scalar
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return true
	}
	return false
}

func setScalar(field reflect.Value, text string) (err error) {
	if t, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return t.UnmarshalText([]byte(text))
	}
	switch field.Interface().(type) {
	case time.Duration:
		d, err := time.ParseDuration(text)
		field.SetInt(int64(d))
		return err
	}
	switch field.Kind() { // isScalar has looked
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		var v bool
		v, err = parseBool(text)
		field.SetBool(v)
	case reflect.Int, reflect.Int64:
		var v int64
		v, err = strconv.ParseInt(text, 10, 64)
		field.SetInt(v)
	case reflect.Float64:
		var v float64
		v, err = strconv.ParseFloat(text, 64)
		field.SetFloat(v)
	}
	return err
}

// parseBool knows what people write in YAML, whichever version they learnt.
func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "on":
		return true, nil
	case "false", "no", "off":
		return false, nil
	}
	return false, errors.New("not a boolean")
}

func describe(field reflect.Value) string {
	switch v := field.Addr().Interface().(type) {
	case interface{ Expected() string }:
		return v.Expected()
	case *time.Duration:
		return `a duration such as "30s" or "5m"`
	}
	switch field.Kind() { // the rest is text
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "a text"
}

func nearestOf(name string, fields map[string]reflect.Value) string {
	var known []string
	for k := range fields {
		known = append(known, k)
	}
	if n := Nearest(name, known); n != "" {
		return fmt.Sprintf(": did you mean %q?", n)
	}
	if len(known) == 0 {
		return ": no key is known here"
	}
	slices.Sort(known)
	return ": known are " + strings.Join(known, ", ")
}
