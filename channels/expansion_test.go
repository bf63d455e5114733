package channels_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestExpand runs testdata/expand: a rule and replies as an agent gives them, one on
// each line, then what they become for every channel and what REST shows of that.
func TestExpand(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/expand/*.golden")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".golden"), func(t *testing.T) {
			t.Parallel()
			golden, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, _, _ := strings.Cut(string(golden), "-- expanded\n")
			got := input + expanded(t, input)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(golden), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// expanded returns the lower part of a golden file.
func expanded(t *testing.T, input string) string {
	whole := strings.Contains(input, "\n# option: whole\n")
	rendered := strings.Contains(input, "\n# option: rendered\n")
	var parts, shown strings.Builder
	for line := range strings.Lines(input) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var reply channels.Reply
		if err := json.Unmarshal([]byte(line), &reply); err != nil {
			t.Fatal(err)
		}
		reply.RecipientID, reply.Rendered = "ann", rendered
		var collector channels.Collector
		for _, part := range channels.Expand(reply, !whole) {
			write(t, &parts, part)
			if err := collector.Reply(context.Background(), part); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range collector.Replies {
			write(t, &shown, r)
		}
	}
	return "-- expanded\n" + parts.String() + "-- collected\n" + shown.String()
}

func write(t *testing.T, b *strings.Builder, r channels.Reply) {
	line, err := channels.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(append(line, '\n'))
}
