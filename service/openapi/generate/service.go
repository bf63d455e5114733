package main

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// enveloped is the body of a stream of Connect's.
const enveloped = "application/connect+json"

// addService describes the methods of a service.
func (d *document) addService(s protoreflect.ServiceDescriptor) {
	d.Tags = append(d.Tags, tag{string(s.Name()), comment(s)})
	for i := range s.Methods().Len() {
		m := s.Methods().Get(i)
		path := "/" + string(s.FullName()) + "/" + string(m.Name())
		if m.IsStreamingServer() {
			d.add("post", path, d.stream(m))
			continue
		}
		d.add("post", path, d.unary(m))
		options, _ := m.Options().(*descriptorpb.MethodOptions)
		if proto.Equal(options, &descriptorpb.MethodOptions{IdempotencyLevel: descriptorpb.MethodOptions_NO_SIDE_EFFECTS.Enum()}) {
			d.add("get", path, d.get(m))
		}
	}
}

// method begins the description of a method.
func (d *document) method(m protoreflect.MethodDescriptor) *operation {
	summary, rest := split(comment(m))
	o := &operation{
		ID: string(m.Parent().Name()) + "_" + string(m.Name()), Tags: []string{string(m.Parent().Name())},
		Summary: summary, Description: rest, Security: []object{{"bearer": []string{}}}, Responses: connectErrors(),
	}
	if m.Name() == "Health" {
		o.Security = []object{{}}
	}
	return o
}

// unary describes a method that has one response.
func (d *document) unary(m protoreflect.MethodDescriptor) *operation {
	o := d.method(m)
	o.Body = object{"required": true, "content": content("application/json", d.message(m.Input()))}
	o.Responses["200"] = object{"description": "The response.", "content": content("application/json", d.message(m.Output()))}
	return o
}

// get describes the same method, called by GET: https://connectrpc.com/docs/protocol#unary-get-request
func (d *document) get(m protoreflect.MethodDescriptor) *operation {
	o := d.unary(m)
	o.ID += "_GET"
	o.Body = nil
	o.Parameters = []object{
		{"name": "encoding", "in": "query", "required": true, "schema": object{"const": "json"}},
		{"name": "message", "in": "query", "required": true, "description": "The request, as JSON.", "content": content("application/json", d.message(m.Input()))},
		{"name": "connect", "in": "query", "schema": object{"const": "v1"}, "description": "The version of Connect."},
	}
	return o
}

// stream describes a method that answers by a stream. Its bodies are no JSON: OpenAPI has no
// words for what is in their envelopes but the description.
func (d *document) stream(m protoreflect.MethodDescriptor) *operation {
	o := d.method(m)
	body := object{"type": "string", "format": "binary"}
	in, out := d.message(m.Input()), d.message(m.Output())
	o.Body = object{
		"required": true, "content": content(enveloped, body),
		"description": "One envelope: a byte 0, the length in four bytes, big-endian, and a " + title(in) + " as JSON.",
	}
	o.Responses = map[string]object{
		"200": {
			"content": content(enveloped, body),
			"description": "Envelopes, each with a " + title(out) + " as JSON. The last has the byte 2 in front, and an object " +
				"that has the error, where there is one: see https://connectrpc.com/docs/protocol#streaming-rpcs.",
		},
		"405": connectStatuses["405"], "415": connectStatuses["415"],
	}
	return o
}

// title links the schema that a ref refers to, in a description.
func title(ref object) string {
	s, _ := ref["$ref"].(string)
	return "`" + s[len("#/components/schemas/"):] + "`"
}
