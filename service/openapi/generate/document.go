package main

import (
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// object is a JSON object whose keys come sorted.
type object = map[string]any

// document is an OpenAPI description: https://spec.openapis.org/oas/v3.1.1.html
type document struct {
	OpenAPI    string                           `json:"openapi"`
	Info       info                             `json:"info"`
	Servers    []object                         `json:"servers"`
	Tags       []tag                            `json:"tags"`
	Paths      map[string]map[string]*operation `json:"paths"`
	Components components                       `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
	License     object `json:"license"`
}

// tag is a group of operations.
type tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// operation is a method of a path.
type operation struct {
	ID          string            `json:"operationId"`
	Tags        []string          `json:"tags"`
	Summary     string            `json:"summary,omitempty"`
	Description string            `json:"description,omitempty"`
	Security    []object          `json:"security"`
	Parameters  []object          `json:"parameters,omitempty"`
	Body        object            `json:"requestBody,omitempty"`
	Responses   map[string]object `json:"responses"`
}

type components struct {
	Schemas         map[string]object `json:"schemas"`
	Responses       map[string]object `json:"responses"`
	SecuritySchemes map[string]object `json:"securitySchemes"`
}

// newDocument describes the services of the files of package manyvox.v1, and the other routes.
func newDocument(files *protoregistry.Files) *document {
	d := &document{
		OpenAPI: "3.1.0",
		Info: info{
			Title: "Manyvox", Version: "v1",
			Description: "The routes of one Manyvox: those of Rasa's channels, and the typed API as Connect's JSON. " +
				"The typed API is also served over gRPC and gRPC-Web, at the same paths.",
			License: object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		Servers: []object{{"url": "/"}},
		Paths:   map[string]map[string]*operation{},
		Components: components{
			Schemas: map[string]object{}, Responses: map[string]object{},
			SecuritySchemes: map[string]object{
				"bearer": {"type": "http", "scheme": "bearer", "description": "The channel's token, or the program's; for ConversationService and /metrics the operator's."},
				"query":  {"type": "apiKey", "in": "query", "name": "token", "description": "The same, as Rasa's callers send it."},
			},
		},
	}
	d.addRoutes()
	d.addErrors()
	for _, f := range apiFiles(files) {
		for i := range f.Services().Len() {
			d.addService(f.Services().Get(i))
		}
	}
	return d
}

// apiFiles returns the files of package manyvox.v1, by their names.
func apiFiles(files *protoregistry.Files) (list []protoreflect.FileDescriptor) {
	files.RangeFilesByPackage("manyvox.v1", func(f protoreflect.FileDescriptor) bool {
		list = append(list, f)
		return true
	})
	slices.SortFunc(list, func(a, b protoreflect.FileDescriptor) int { return strings.Compare(a.Path(), b.Path()) })
	return list
}

// add adds an operation.
func (d *document) add(method, path string, o *operation) {
	if d.Paths[path] == nil {
		d.Paths[path] = map[string]*operation{}
	}
	d.Paths[path][method] = o
}

// content is a body of one media type.
func content(mediaType string, schema object) object {
	return object{mediaType: object{"schema": schema}}
}

// comment returns what a .proto file says of something, as Markdown.
func comment(d protoreflect.Descriptor) string {
	return strings.TrimSpace(strings.ReplaceAll(d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments, "\n ", "\n"))
}

// sentenceEnd is the end of a sentence that another follows.
var sentenceEnd = regexp.MustCompile(`\.\s+`)

// split returns the first sentence of a comment and the rest.
func split(text string) (summary, rest string) {
	if at := sentenceEnd.FindStringIndex(text); at != nil {
		text, rest = text[:at[0]+1], text[at[1]:]
	}
	return strings.Join(strings.Fields(text), " "), rest
}
