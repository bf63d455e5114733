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

// rows prints one row for each message: cells of a table, or a JSON object a line.
type rows struct {
	out   io.Writer
	json  bool
	table *tabwriter.Writer
}

// newRows returns rows whose table has these columns.
func newRows(out io.Writer, asJSON bool, columns ...string) *rows {
	r := &rows{out: out, json: asJSON, table: tabwriter.NewWriter(out, 8, 0, 2, ' ', 0)}
	if !asJSON {
		fmt.Fprintln(r.table, strings.Join(columns, "\t"))
	}
	return r
}

// add adds a row.
func (r *rows) add(m proto.Message, cells ...string) error {
	if !r.json {
		_, err := fmt.Fprintln(r.table, strings.Join(cells, "\t"))
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
	_, err = r.out.Write(line.Bytes())
	return err
}

// flush shows the rows so far.
func (r *rows) flush() error { return r.table.Flush() }

// mostText is how many characters of a text a cell shows.
const mostText = 60

// cell makes a text of a stranger's fit for one line of a terminal.
func cell(s string) string {
	if runes := []rune(s); len(runes) > mostText {
		s = string(runes[:mostText-1]) + "…"
	}
	if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsGraphic(c) }) {
		return strconv.Quote(s)
	}
	return s
}

func when(t *timestamppb.Timestamp) string { return t.AsTime().Format(time.RFC3339) }

// shown is what a user saw of replies.
func shown(replies ...*manyvoxv1.Reply) string {
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
			all = append(all, r.GetText()+titles(r.GetButtons()))
		}
	}
	return cell(strings.Join(all, " | "))
}

func titles(buttons []*manyvoxv1.Button) string {
	var b strings.Builder
	for _, button := range buttons {
		fmt.Fprintf(&b, " [%s]", button.GetTitle())
	}
	return b.String()
}

// written is what a user wrote.
func written(m *manyvoxv1.UserMessage) string {
	text := m.GetText()
	for _, a := range m.GetAttachments() {
		text += " <" + a.GetType() + ">"
	}
	return cell(strings.TrimSpace(text))
}

// plural is "1 part" or "2 parts".
func plural[N int | int64](n N, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
