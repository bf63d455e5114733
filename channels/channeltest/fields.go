package channeltest

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

var secretType = reflect.TypeFor[channels.Secret]()

// keysOf returns the keys of a block, sorted.
func keysOf(config channels.Config) []string {
	return slices.Sorted(maps.Keys(fieldsOf(reflect.ValueOf(config).Elem())))
}

// fieldsOf returns the fields of a struct by their yaml names. Embedded structs count
// as part of it.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			maps.Copy(fields, fieldsOf(v.Field(i)))
		case name != "" && name != "-":
			fields[name] = v.Field(i)
		}
	}
	return fields
}

// fillSecrets appends the canary to every secret below v. Lists and maps of secrets get one
// that is the canary alone.
func fillSecrets(v reflect.Value) {
	switch {
	case v.Type() == secretType:
		v.SetString(v.String() + canary)
	case v.Kind() == reflect.Pointer && !v.IsNil():
		fillSecrets(v.Elem())
	case v.Kind() == reflect.Struct:
		for _, field := range fieldsOf(v) {
			fillSecrets(field)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem() == secretType:
		v.Set(reflect.Append(v, reflect.ValueOf(channels.Secret(canary))))
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			fillSecrets(v.Index(i))
		}
	case v.Kind() == reflect.Map && v.Type().Elem() == secretType:
		secrets := reflect.MakeMap(v.Type())
		secrets.SetMapIndex(reflect.ValueOf("name"), reflect.ValueOf(channels.Secret(canary)))
		v.Set(secrets)
	}
}
