// Package web holds the chat page. Its source is TypeScript in the folder src. What
// "make web" builds of it is committed in the folder dist and embedded in the program.
package web

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Files returns the page as it is served: index.html, and below assets/ what it loads,
// under names that change with the content.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return files
}
