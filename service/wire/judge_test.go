package wire_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJudge makes up differences and entries.
func TestJudge(t *testing.T) {
	t.Parallel()
	differs := func(name string, what ...string) result {
		r := result{name: name}
		for _, w := range what {
			r.differences = append(r.differences, difference{w, "a", "b"})
		}
		return r
	}
	all := entry{Of: "all", Differs: []string{"error"}, Cases: []string{"rest/*"}}
	one := entry{Of: "one", Differs: []string{"status", "error"}, Cases: []string{"rest/x, *"}}
	for _, c := range []struct {
		name    string
		entries []entry
		results []result
		want    []string // the beginning of each line
	}{
		{"nothing", nil, []result{differs("rest/x")}, nil},
		{"an unlisted difference", nil, []result{differs("rest/x", "status")}, []string{"rest/x: status differs, which no entry lists:"}},
		{"a listed one", []entry{all}, []result{differs("rest/x", "error"), differs("rest/y")}, nil},
		{"another difference of a listed case", []entry{all}, []result{differs("rest/x", "body", "error")}, []string{"rest/x: body differs"}},
		{"another case", []entry{all}, []result{differs("rest/x", "error"), differs("callback/x", "error")}, []string{"callback/x: error differs"}},
		{"the longer pattern", []entry{all, one}, []result{differs("rest/x, a", "status", "error"), differs("rest/y", "error")}, nil},
		{"an entry that nothing uses", []entry{all}, []result{differs("rest/x")}, []string{
			`entry "all": differs "error" is not used`, `entry "all": cases "rest/*" is not used`,
		}},
		{"a part of an entry that nothing uses", []entry{one}, []result{differs("rest/x, a", "status")}, []string{`entry "one": differs "error" is not used`}},
		{"an entry that another hides", []entry{all, one}, []result{differs("rest/x, a", "status", "error")}, []string{
			`entry "all": differs "error" is not used`, `entry "all": cases "rest/*" is not used`,
		}},
		{"two entries for one difference", []entry{all, {Of: "too", Differs: []string{"error"}, Cases: []string{"rest/*"}}}, []result{differs("rest/x", "error")}, []string{
			"rest/x: error is listed by several entries: all, too",
			`entry "all": differs`, `entry "all": cases`, `entry "too": differs`, `entry "too": cases`,
		}},
	} {
		got := judge(c.entries, c.results)
		if len(got) != len(c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
			continue
		}
		for i, line := range got {
			if !strings.HasPrefix(line, c.want[i]) {
				t.Errorf("%s: %q, want %q", c.name, line, c.want[i])
			}
		}
	}
}

// TestJudgeMended makes up what differs by our channel for Rasa.
func TestJudgeMended(t *testing.T) {
	t.Parallel()
	d := []difference{{packets, "a", "b"}}
	entries := []entry{
		{Of: "all", Differs: []string{packets}, Cases: []string{"socketio/*"}},
		{Of: "one", Mended: true, Differs: []string{packets}, Cases: []string{"socketio/one"}},
	}
	for _, c := range []struct {
		name  string
		r     result
		wrong bool
	}{
		{"what is not said to be mended", result{"socketio/x", d, d}, false},
		{"what is mended", result{"socketio/one", d, nil}, false},
		{"what is said to be", result{"socketio/one", d, d}, true},
		{"something else of the case", result{"socketio/one", d, []difference{{end, "a", "b"}}}, false},
	} {
		if got := judgeMended(entries, c.r); (len(got) > 0) != c.wrong {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// TestCompare compares made-up answers.
func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		rasa, manyvox answer
		want          []string // what differs
	}{
		{"the same", answer{status: "200", body: "x"}, answer{status: "200", body: "x"}, nil},
		{"two values", answer{status: "200", body: "x", end: "a"}, answer{status: "200", body: "y", end: "b"}, []string{body, end}},
		{"a header that one has", answer{status: "200", "allow": "GET"}, answer{status: "200"}, []string{"allow"}},
		{"a header that the other has", answer{status: "200"}, answer{status: "200", "allow": "GET"}, []string{"allow"}},
		{"one error", answer{status: "200", body: "x"}, answer{status: "400", body: "y"}, []string{body, status}},
		{"two errors", answer{status: "500", body: "x"}, answer{status: "400", body: "y"}, []string{failure, status}},
		{"no answer", answer{status: "none"}, answer{status: "400", body: "y"}, []string{body, status}},
	} {
		var got []string
		for _, d := range compare(c.rasa, c.manyvox) {
			got = append(got, d.what)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestCanonical: equal JSON with its keys in the same order is equal text, and nothing else is.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b string }{
		{`{"b": [1, {"c": 2.50, "d": {}}], "a": "\u00fc\/"}`, `{"b":[1,{"c":2.50,"d":{}}],"a":"ü/"}`},
		{"[]\n", "[]"},
		{`{"error":{"code":"x","message":"some \"words\""}}`, `{"error":{"code":"x","message":"others"}}`},
	} {
		if canonical(c.a) != canonical(c.b) {
			t.Errorf("%s and %s become %s and %s", c.a, c.b, canonical(c.a), canonical(c.b))
		}
	}
	for _, c := range []struct{ a, b string }{
		{`[1,2]`, `[2,1]`}, {`{"a":1,"b":2}`, `{"b":2,"a":1}`}, {`{"a":1`, `{"a":1}`}, {`[1]]`, `[1]`}, {`[1]`, `[1.0]`}, {`{"a":null}`, `{}`}, {`{} {}`, `{}`}, {`x`, `"x"`}, {`"<"`, `"&lt;"`},
		{`{"error":{"code":"x","message":"m"}}`, `{"error":{"code":"y","message":"m"}}`}, {`{"message":"a"}`, `{"message":"b"}`},
	} {
		if canonical(c.a) == canonical(c.b) {
			t.Errorf("%s and %s become %s", c.a, c.b, canonical(c.a))
		}
	}
}

// TestRecord: what differs alike stands in the golden file once, with all its cases.
func TestRecord(t *testing.T) {
	t.Parallel()
	got := record([]result{
		{name: "rest/a", differences: []difference{{status, "200", "400"}}},
		{name: "rest/b"},
		{name: "rest/c", differences: []difference{{body, "x\ny\n", strings.Repeat("é", 500)}, {status, "200", "400"}}},
	})
	want := "rest/a\nrest/c\n  status\n    rasa:    200\n    manyvox: 400\n\n" +
		"rest/c\n  body\n    rasa:    x⏎y\n    manyvox: " + strings.Repeat("é", 400) + "… (1000 bytes)\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
