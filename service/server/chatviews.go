package server

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

const (
	indexFile = "index.html"
	embedFile = "embed.js"
	// embedPlace is where embed.js has its settings.
	embedPlace = `"%settings%"`
)

// chatViews makes the files of the chat page that show its settings: the page itself, a
// template of html/template, and the script that puts it into other pages.
type chatViews struct {
	index *template.Template // nil without a page, or one that is no template
	embed []byte             // nil without it
}

// indexData is what index.html shows.
type indexData struct {
	Title, Heading, Text string
	Suggestions          []string
	// Style is the address of the style sheet of the owner's colour, "" for none.
	Style string
}

// embedData is what embed.js knows of the page.
type embedData struct {
	Title string         `json:"title"`
	Color instance.Color `json:"color"`
	Ink   instance.Color `json:"ink"`
}

// ownColor is that of the page whose owner has chosen none, as look.css has it.
const ownColor instance.Color = "#0f6b63"

func newChatViews(read map[string][]byte) *chatViews {
	v := &chatViews{embed: read[embedFile]}
	if page, ok := read[indexFile]; ok {
		v.index, _ = template.New(indexFile).Parse(string(page)) // ours, and tested
	}
	return v
}

// makes reports whether a file is one of these.
func (v *chatViews) makes(name string) bool { return name == indexFile || name == embedFile }

// files returns the files for these settings.
func (v *chatViews) files(s *instance.ChatSettings) map[string]chatFile {
	files := map[string]chatFile{}
	data := indexData{Title: s.Title, Suggestions: s.Suggestions}
	data.Heading, data.Text, _ = strings.Cut(strings.TrimSpace(s.Greeting), "\n")
	color := ownColor
	if s.Color != "" {
		color = s.Color
		style := palette(color)
		data.Style = hashedFiles + "color-" + hashOf(style) + ".css"
		files[data.Style] = newChatFile(data.Style, style)
	}
	var page bytes.Buffer
	if v.index != nil && v.index.Execute(&page, data) == nil {
		files[indexFile] = newChatFile(indexFile, page.Bytes())
	}
	if v.embed != nil {
		files[embedFile] = newChatFile(embedFile, v.script(embedData{s.Title, color, inkOn(color)}))
	}
	return files
}

// script returns embed.js with its settings. JSON is JavaScript, too.
func (v *chatViews) script(data embedData) []byte {
	settings, _ := channels.Marshal(data) // are texts
	return bytes.Replace(v.embed, []byte(embedPlace), settings, 1)
}
