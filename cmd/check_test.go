package cmd_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, credentials, endpoints, want string }{
		{
			name:        "channels of all sorts",
			credentials: "rest:\nkiosk:\n  type: rest\n  token: s3cret\n",
			endpoints:   "agent: {type: echo, timeout: 30s}\n",
			want: `CHANNEL  TYPE  CAPABILITIES         MISSING
rest     rest  receive, rpc, token  token (anyone may write)
kiosk    rest  receive, rpc, token  nothing

agent: echo, at most 30s a turn
`,
		},
		{
			name:        "what rasa init writes",
			credentials: "rest:\nrasa:\n  url: http://localhost:5002/api\n",
			endpoints:   "action_endpoint: {url: x}\nagent: {type: echo}\n",
			want: `CHANNEL  TYPE  CAPABILITIES         MISSING
rest     rest  receive, rpc, token  token (anyone may write)

agent: echo, at most 2m0s a turn
note: credentials.yml:2: rasa: skipped: this version has no such channel
note: endpoints.yml:1: action_endpoint: ignored: it is for the Rasa server
`,
		},
		{
			name:        "no channel",
			credentials: "# none\n",
			endpoints:   echoes,
			want: `CHANNEL  TYPE  CAPABILITIES  MISSING

agent: echo, at most 2m0s a turn
warning: credentials.yml:1: names no channel
`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := files(t, map[string]string{"credentials.yml": c.credentials, "endpoints.yml": c.endpoints})
			got := runs(t, dir, "check",
				"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"))
			if diff := cmp.Diff(outcome{out: c.want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// check finds the mistakes that run finds, and as many at once.
func TestCheckMistakes(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"credentials.yml": "rset:\n", "endpoints.yml": "agent: {type: ecco}\n"})
	got := runs(t, dir, "check",
		"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"))
	want := outcome{code: 2, err: `manyvox: credentials.yml:1: unknown channel "rset": did you mean "rest"?
endpoints.yml:1: agent: unknown type "ecco": did you mean "echo"?
`}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
