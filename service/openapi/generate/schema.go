package main

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// ref refers to the schema of a name.
func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// message returns the schema of a protobuf message as JSON, and adds it to the components with
// all that it holds.
func (d *document) message(m protoreflect.MessageDescriptor) object {
	if known := wellKnown(m.FullName()); known != nil {
		return known
	}
	name := string(m.FullName())
	if _, added := d.Components.Schemas[name]; added {
		return ref(name)
	}
	properties := object{}
	schema := object{"type": "object", "properties": properties}
	d.Components.Schemas[name] = schema // before its fields: a message can hold itself
	if text := comment(m); text != "" {
		schema["description"] = text
	}
	var required []string
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		field := d.field(f)
		if strings.Contains(comment(f), ", required.") { // protobuf has no word for it
			required = append(required, f.JSONName())
			field["minLength"] = 1
		}
		properties[f.JSONName()] = field
	}
	if required != nil {
		schema["required"] = required
	}
	return ref(name)
}

// field returns the schema of a field, with what the .proto file says of it.
func (d *document) field(f protoreflect.FieldDescriptor) object {
	schema := d.value(f)
	if f.IsList() {
		schema = object{"type": "array", "items": schema}
	}
	if text := comment(f); text != "" {
		schema["description"] = text
	}
	return schema
}

// value returns the schema of one value of a field: https://protobuf.dev/programming-guides/json/
func (d *document) value(f protoreflect.FieldDescriptor) object {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return object{"type": "boolean"}
	case protoreflect.StringKind:
		return object{"type": "string"}
	case protoreflect.BytesKind:
		return object{"type": "string", "contentEncoding": "base64"}
	case protoreflect.EnumKind:
		return d.enum(f.Enum())
	case protoreflect.MessageKind:
		return d.message(f.Message())
	case protoreflect.Int32Kind:
		return object{"type": "integer", "format": "int32", "minimum": -1 << 31, "maximum": 1<<31 - 1}
	case protoreflect.Int64Kind: // written as a string, read as either
		return object{"type": []string{"string", "integer"}, "format": "int64", "pattern": "^-?[0-9]{1,19}$"}
	}
	panic("no schema for a field of kind " + f.Kind().String() + ": " + string(f.FullName()))
}

// enum returns the schema of an enum.
func (d *document) enum(e protoreflect.EnumDescriptor) object {
	name := string(e.FullName())
	if _, added := d.Components.Schemas[name]; !added {
		var names []string
		text := comment(e) + "\n"
		for i := range e.Values().Len() {
			v := e.Values().Get(i)
			names = append(names, string(v.Name()))
			text += "\n- " + string(v.Name()) + ": " + comment(v)
		}
		d.Components.Schemas[name] = object{"type": "string", "enum": names, "description": text}
	}
	return ref(name)
}

// wellKnown returns the schema of a message that has JSON of its own, nil for any other.
func wellKnown(name protoreflect.FullName) object {
	switch name {
	case "google.protobuf.Timestamp":
		return object{"type": "string", "format": "date-time"}
	case "google.protobuf.Duration":
		return object{"type": "string", "pattern": `^-?[0-9]{1,12}(\.[0-9]{1,9})?s$`}
	case "google.protobuf.Struct":
		return object{"type": "object"}
	case "google.protobuf.Value":
		return object{}
	}
	return nil
}
