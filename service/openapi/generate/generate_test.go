package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	_ "google.golang.org/protobuf/types/known/durationpb" // for the file below
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
)

// api is a file of package manyvox.v1 whose one message has a field of each kind.
func api(t *testing.T) *descriptorpb.FileDescriptorProto {
	t.Helper()
	const text = `{
	 "name": "a.proto", "package": "manyvox.v1", "syntax": "proto3",
	 "dependency": ["google/protobuf/duration.proto", "google/protobuf/struct.proto", "google/protobuf/timestamp.proto"],
	 "messageType": [{"name": "M", "field": [%s]}],
	 "enumType": [{"name": "E", "value": [{"name": "NONE", "number": 0}, {"name": "ONE", "number": 1}]}],
	 "service": [{"name": "S", "method": [
	  {"name": "Do", "inputType": ".manyvox.v1.M", "outputType": ".manyvox.v1.M"},
	  {"name": "Look", "inputType": ".manyvox.v1.M", "outputType": ".manyvox.v1.M", "options": {"idempotencyLevel": "NO_SIDE_EFFECTS"}},
	  {"name": "Watch", "inputType": ".manyvox.v1.M", "outputType": ".manyvox.v1.M", "serverStreaming": true}
	 ]}]
	}`
	f := &descriptorpb.FileDescriptorProto{}
	if err := protojson.Unmarshal([]byte(strings.Replace(text, "%s", fields, 1)), f); err != nil {
		t.Fatal(err)
	}
	f.SourceCodeInfo = &descriptorpb.SourceCodeInfo{Location: []*descriptorpb.SourceCodeInfo_Location{
		{Path: []int32{4, 0, 2, 0}, Span: []int32{0, 0, 0}, LeadingComments: proto.String(" Who writes, required. At most\n 256 bytes.\n")},
		{Path: []int32{6, 0, 2, 0}, Span: []int32{1, 0, 0}, LeadingComments: proto.String(" Do does it, in\n one go. It may fail.\n\n Errors: none.\n")},
	}}
	return f
}

const fields = `
 {"name": "sender_id", "jsonName": "senderId", "number": 1, "type": "TYPE_STRING", "label": "LABEL_OPTIONAL"},
 {"name": "size", "number": 2, "type": "TYPE_INT64", "label": "LABEL_OPTIONAL"},
 {"name": "page", "number": 3, "type": "TYPE_INT32", "label": "LABEL_OPTIONAL"},
 {"name": "on", "number": 4, "type": "TYPE_BOOL", "label": "LABEL_OPTIONAL"},
 {"name": "raw", "number": 5, "type": "TYPE_BYTES", "label": "LABEL_OPTIONAL"},
 {"name": "kind", "number": 6, "type": "TYPE_ENUM", "typeName": ".manyvox.v1.E", "label": "LABEL_OPTIONAL"},
 {"name": "self", "number": 7, "type": "TYPE_MESSAGE", "typeName": ".manyvox.v1.M", "label": "LABEL_REPEATED"},
 {"name": "at", "number": 8, "type": "TYPE_MESSAGE", "typeName": ".google.protobuf.Timestamp", "label": "LABEL_OPTIONAL"},
 {"name": "took", "number": 9, "type": "TYPE_MESSAGE", "typeName": ".google.protobuf.Duration", "label": "LABEL_OPTIONAL"},
 {"name": "any", "number": 10, "type": "TYPE_MESSAGE", "typeName": ".google.protobuf.Value", "label": "LABEL_OPTIONAL"},
 {"name": "keys", "number": 11, "type": "TYPE_MESSAGE", "typeName": ".google.protobuf.Struct", "label": "LABEL_OPTIONAL"}`

// generated runs the program on the file and decodes what it writes.
func generated(t *testing.T) (d map[string]any) {
	t.Helper()
	set := &descriptorpb.FileDescriptorSet{}
	for _, name := range []string{"google/protobuf/duration.proto", "google/protobuf/struct.proto", "google/protobuf/timestamp.proto"} {
		f, err := protoregistry.GlobalFiles.FindFileByPath(name)
		if err != nil {
			t.Fatal(err)
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(f))
	}
	set.File = append(set.File, api(t))
	in, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(bytes.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// at follows keys through objects.
func at(d any, keys ...string) any {
	for _, k := range keys {
		o, _ := d.(map[string]any)
		d = o[k]
	}
	return d
}

// TestMessage describes each kind of field.
func TestMessage(t *testing.T) {
	t.Parallel()
	d := generated(t)
	const want = `{
	 "type": "object", "required": ["senderId"], "properties": {
	  "senderId": {"type": "string", "minLength": 1, "description": "Who writes, required. At most\n256 bytes."},
	  "size": {"type": ["string", "integer"], "format": "int64", "pattern": "^-?[0-9]{1,19}$"},
	  "page": {"type": "integer", "format": "int32", "minimum": -2147483648, "maximum": 2147483647},
	  "on": {"type": "boolean"},
	  "raw": {"type": "string", "contentEncoding": "base64"},
	  "kind": {"$ref": "#/components/schemas/manyvox.v1.E"},
	  "self": {"type": "array", "items": {"$ref": "#/components/schemas/manyvox.v1.M"}},
	  "at": {"type": "string", "format": "date-time"},
	  "took": {"type": "string", "pattern": "^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$"},
	  "any": {},
	  "keys": {"type": "object"}
	 }
	}`
	var schema any
	if err := json.Unmarshal([]byte(want), &schema); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(schema, at(d, "components", "schemas", "manyvox.v1.M")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"NONE", "ONE"}, at(d, "components", "schemas", "manyvox.v1.E", "enum")); diff != "" {
		t.Errorf("the enum (-want +got):\n%s", diff)
	}
}

// TestService describes calls with one response, by POST and where nothing changes by GET, and
// streams.
func TestService(t *testing.T) {
	t.Parallel()
	d := generated(t)
	do := at(d, "paths", "/manyvox.v1.S/Do")
	if at(do, "get") != nil || at(do, "post", "summary") != "Do does it, in one go." || at(do, "post", "description") != "It may fail.\n\nErrors: none." {
		t.Errorf("Do: %v", do)
	}
	if got := at(do, "post", "requestBody", "content", "application/json", "schema", "$ref"); got != "#/components/schemas/manyvox.v1.M" {
		t.Errorf("Do takes %v", got)
	}
	look, _ := at(d, "paths", "/manyvox.v1.S/Look", "get", "parameters").([]any)
	if len(look) != 3 || at(look[1], "name") != "message" || at(d, "paths", "/manyvox.v1.S/Look", "get", "requestBody") != nil {
		t.Errorf("Look by GET has %v", look)
	}
	watch := at(d, "paths", "/manyvox.v1.S/Watch", "post")
	if at(watch, "responses", "200", "content", "application/connect+json") == nil || at(watch, "responses", "400") != nil {
		t.Errorf("Watch: %v", watch)
	}
}

// TestErrors has a response for each status that an operation names.
func TestErrors(t *testing.T) {
	t.Parallel()
	d := generated(t)
	seen := 0
	paths, _ := at(d, "paths").(map[string]any)
	for path, methods := range paths {
		for method := range methods.(map[string]any) {
			responses, _ := at(methods, method, "responses").(map[string]any)
			for status, r := range responses {
				name, isRef := at(r, "$ref").(string)
				if !isRef {
					continue
				}
				seen++
				name = strings.TrimPrefix(name, "#/components/responses/")
				if !strings.HasSuffix(name, status) || at(d, "components", "responses", name) == nil {
					t.Errorf("%s %s: the status %s is %s, which is not there", method, path, status, name)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d responses are looked at", seen)
	}
}

// TestNoAPI refuses what is no compiled API.
func TestNoAPI(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", "{}"} {
		if err := run(strings.NewReader(in), &bytes.Buffer{}); err == nil {
			t.Errorf("%q is taken for a compiled API", in)
		}
	}
}
