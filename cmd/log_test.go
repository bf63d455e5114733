package cmd_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// msColumn is the column MS between the status and the verdict.
var msColumn = regexp.MustCompile(`( \d\d\d +)\d+( +[a-z])`)

// logOf returns what a program has printed, without its times, with one space between words.
func logOf(out string) string {
	return fields(msColumn.ReplaceAllString(withFixedTimes(out), "${1}0$2"))
}

const logHeader = "TIME ROUTE STATUS MS VERDICT SENDER WHAT\n"

func TestLog(t *testing.T) {
	t.Parallel()
	server := start(t, localFlags(t, "rest: {token: t0ken, log_text: true}\n", echoes, "--operator-token", "0perator", "-v")...)
	post := func(path, body string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+server.addr+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	reader := newProgram()
	ctx, stop := context.WithCancel(t.Context())
	code := make(chan int, 1)
	flags := []string{"--server", "http://" + server.addr, "--operator-token", "0perator"}
	go func() { code <- reader.Run(ctx, append([]string{"log", "rest", "--follow"}, flags...)) }()
	post("/webhooks/rest/webhook?token=t0ken", `{"sender":"ann","message":"\u001b[31mhi"}`)
	reader.out.await(t, "accepted")
	post("/webhooks/rest/webhook", `{"sender":"ann","message":"hi"}`)
	reader.out.await(t, "unauthenticated")
	post("/webhooks/rest/webhook", `{"sender":"ann","message":"hi"}`)
	reader.out.await(t, "(2 in 5 min)")
	post("/webhooks/rest/hook?token=t0ken", `{}`)
	reader.out.await(t, "no such route")
	stop()
	if c := <-code; c != 0 {
		t.Errorf("exit code %d", c)
	}
	const accepted = `2026-01-02T03:04:05Z in POST /webhook 200 0 accepted ann "\x1b[31mhi"` + "\n"
	const refused = "2026-01-02T03:04:05Z in POST /hook 404 0 refused not_found: no such route: messages are posted to /webhook\n"
	if got := logOf(reader.out.String()); !strings.HasPrefix(got, logHeader+accepted) || !strings.HasSuffix(got, refused) {
		t.Errorf("followed:\n%s", got)
	}
	got := runToEnd(t, "", append([]string{"log", "rest"}, flags...)...)
	lines := strings.SplitAfter(logOf(got.out), "\n")
	if got.code != 0 || len(lines) != 5 || lines[0]+lines[1] != logHeader+accepted || lines[3] != refused || !strings.HasSuffix(lines[2], " (2 in 5 min)\n") {
		t.Errorf("listed: code %d %s\n%s", got.code, got.err, logOf(got.out))
	}
	asJSON := runToEnd(t, "", append([]string{"log", "rest", "--json"}, flags...)...)
	if asJSON.code != 0 || strings.Count(asJSON.out, `"direction":"DIRECTION_IN"`) != 3 {
		t.Errorf("as JSON: %+v", asJSON)
	}
	if line := server.err.String(); !strings.Contains(line, `"msg":"exchange","channel":"rest","direction":"in","route":"POST /webhook","status":200,"ms":`) {
		t.Errorf("no line of -v tells of the exchange: %s", line)
	}
	status := runToEnd(t, "", append([]string{"status"}, flags...)...)
	if !strings.Contains(fields(status.out), "channel rest in unauthenticated 2 ") {
		t.Errorf("status:\n%s", status.out)
	}
}

func TestLogRefused(t *testing.T) {
	t.Parallel()
	server := start(t, localFlags(t, "rest:\n", echoes)...)
	for _, args := range [][]string{{"log", "rset"}, {"log", "rset", "-f"}} {
		got := runToEnd(t, "", append(args, "--server", "http://"+server.addr, "--data-dir", server.dataDir)...)
		want := outcome{code: 1, err: "manyvox: not_found: no channel \"rset\" in credentials.yml; did you mean rest?\n"}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%v (-want +got):\n%s", args, diff)
		}
	}
}
