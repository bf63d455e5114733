// Package proto holds the published API as files, so that the program can hand them
// out to whoever wants to generate a client.
package proto

import "embed"

// Files holds manyvox/v1/*.proto.
//
//go:embed manyvox
var Files embed.FS
