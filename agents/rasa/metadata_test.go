package rasa_test

import (
	"encoding/json"
	"testing"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/channels"
)

// TestMetadata refuses what makes a turn of Rasa's fail, before Rasa has it. What is
// nothing to Python goes on, since Rasa takes it.
func TestMetadata(t *testing.T) {
	t.Parallel()
	for metadata, kind := range map[string]string{
		`null`: "", `{}`: "", `{"a":1}`: "", "\n {\"a\": 1}\t": "", `false`: "", `[]`: "", `[ ]`: "", `""`: "",
		`0`: "", `-0`: "", `0.00`: "", `0e9`: "", `-0.0E+7`: "",
		`true`: "true", `[0]`: "a list", `[[]]`: "a list", `"a"`: "a string", `" "`: "a string", `"{}"`: "a string",
		`5`: "a number", `-0.01`: "a number", `1e0`: "a number", `1e999`: "a number", `9007199254740993`: "a number",
	} {
		t.Run(metadata, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: replies(`{"text": "x"}`)}
			b := onLoopback(t, f)
			turn := agenttest.Turn("ann", "hi")
			turn.Message.Metadata = json.RawMessage(metadata)
			err := b.answer(t.Context(), t, turn, &agenttest.Recorder{})
			if kind == "" {
				if err != nil || len(f.seen()) != 1 {
					t.Errorf("error %v, %d requests", err, len(f.seen()))
				}
				return
			}
			want := "metadata: got " + kind + ": Rasa takes an object alone"
			if e := channels.AsError(err); e.Code != channels.CodeInvalid || e.Message != want || len(f.seen()) != 0 {
				t.Errorf("error %v, %d requests, want %q", err, len(f.seen()), want)
			}
		})
	}
}
