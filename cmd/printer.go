package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// printer prints a list, one message a row: as a table, or as one JSON object a line.
type printer struct {
	out   io.Writer
	json  bool
	table *tabwriter.Writer
}

// newPrinter returns a printer whose table has these columns.
func newPrinter(out io.Writer, asJSON bool, columns ...string) *printer {
	p := &printer{out: out, json: asJSON, table: tabwriter.NewWriter(out, 8, 0, 2, ' ', 0)}
	if !asJSON {
		fmt.Fprintln(p.table, strings.Join(columns, "\t"))
	}
	return p
}

// print prints one message: m as JSON, or the cells as a row of the table.
func (p *printer) print(m proto.Message, cells ...string) error {
	if !p.json {
		_, err := fmt.Fprintln(p.table, strings.Join(cells, "\t"))
		return err
	}
	body, err := protojson.Marshal(m)
	if err != nil {
		return err
	}
	var line bytes.Buffer
	if err := json.Compact(&line, body); err != nil { // protojson puts spaces at random
		return err
	}
	line.WriteByte('\n')
	_, err = p.out.Write(line.Bytes())
	return err
}

// flush writes the rows of the table so far, with their columns aligned.
func (p *printer) flush() error { return p.table.Flush() }

// maxCell is how many characters of a text a cell of the table shows.
const maxCell = 60

// cell returns a text, which may be a stranger's, fit for one line of a terminal.
func cell(s string) string {
	if runes := []rune(s); len(runes) > maxCell {
		s = string(runes[:maxCell-1]) + "…"
	}
	return line(s)
}

// line returns a text of any length fit for one line of a terminal.
func line(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsGraphic(c) }) {
		return strconv.Quote(s)
	}
	return s
}

func timestamp(t *timestamppb.Timestamp) string { return t.AsTime().Format(time.RFC3339) }

// replyText returns what a user saw of replies, for a cell.
func replyText(replies ...*manyvoxv1.Reply) string {
	var all []string
	for _, r := range replies {
		switch {
		case r.GetImage() != "":
			all = append(all, "image "+r.GetImage())
		case r.GetAttachment() != nil:
			all = append(all, "attachment")
		case r.GetCustomJson() != "":
			all = append(all, "custom "+r.GetCustomJson())
		default:
			all = append(all, r.GetText()+buttonTitles(r.GetButtons()))
		}
	}
	return cell(strings.Join(all, " | "))
}

func buttonTitles(buttons []*manyvoxv1.Button) string {
	var b strings.Builder
	for _, button := range buttons {
		fmt.Fprintf(&b, " [%s]", button.GetTitle())
	}
	return b.String()
}

// messageText returns what a user wrote, for a cell.
func messageText(m *manyvoxv1.UserMessage) string {
	text := m.GetText()
	for _, a := range m.GetAttachments() {
		text += " <" + a.GetType() + ">"
	}
	return cell(strings.TrimSpace(text))
}

// plural returns "1 part" or "2 parts".
func plural[N int | int64](n N, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
