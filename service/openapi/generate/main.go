// Command generate makes the OpenAPI description of package openapi from a compiled API with
// its comments:
//
//	go tool -modfile=tools/go.mod buf build -o - | go run ./service/openapi/generate > service/openapi/openapi.json
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run reads a FileDescriptorSet and writes the description.
func run(in io.Reader, out io.Writer) error {
	data, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(data, set); err != nil {
		return fmt.Errorf("the input is no compiled API: %w", err)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return err
	}
	if len(apiFiles(files)) == 0 {
		return errors.New("the input has no file of package manyvox.v1")
	}
	return write(out, newDocument(files))
}

// write writes the description in a form that a person can read and git can compare.
func write(out io.Writer, d *document) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(d); err != nil {
		return err
	}
	_, err := text.WriteTo(out)
	return err
}
