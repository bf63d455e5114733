package cmd_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/manyvox/manyvox/service/journal"
)

// sorry is the channel's on_failure.
const sorry = "sorry"

// TestCrashGrowingReplies kills the program between the calls with which replies grow, again
// and again with the same data. Each reply is one message on the platform, or as many as a
// roll-over makes of it; in order; whole, or as far as it was committed and then on_failure.
// It comes twice only when the kill was within its open.
func TestCrashGrowingReplies(t *testing.T) {
	t.Parallel()
	for name, open := range storeBlocks() {
		for _, most := range []int{0, 60} { // 60 makes two or three messages of each reply
			t.Run(fmt.Sprint(name, ", rolls over at ", most), func(t *testing.T) {
				t.Parallel()
				crashGrowing(t, open(t), most)
			})
		}
	}
}

func crashGrowing(t *testing.T, v storeBlock, most int) {
	t.Helper()
	rounds := 8
	if n, err := strconv.Atoi(os.Getenv(crashRounds)); err == nil {
		rounds = n
	} else if testing.Short() {
		rounds = 2
	}
	platform := newLivePlatform()
	server := httptest.NewServer(platform)
	defer server.Close()
	credentials := liveCredentials(server.URL, most)
	dir := files(t, map[string]string{"credentials.yml": credentials, "endpoints.yml": strings.Replace(v.endpoints, "echo", "words", 1)})
	p := startChild(t, dir, 1)
	g := &target{replies: map[string][]receivedReply{}, restarted: make(chan struct{}), grown: make(chan struct{}), channel: "live", pace: platform.pace}
	g.setChild(p)

	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
	defer client.CloseIdleConnections()
	done := make(chan struct{})
	written := make([]int, writers)
	var posting sync.WaitGroup
	for i := range writers {
		posting.Go(func() { written[i] = g.write(t, client, strconv.Itoa(i), done) })
	}
	for range rounds {
		platform.stopNext(p, func() { _ = p.Process.Kill() })
		if err := p.Wait(); err == nil || p.ProcessState.Exited() {
			t.Fatalf("it ends with %v, want it to be killed:\n%s", err, p.log)
		}
		p = startChild(t, dir, p.number+1)
		g.setChild(p)
	}
	close(done)
	posting.Wait()
	interrupted := 0
	for i, n := range written {
		interrupted += platform.verify(t, strconv.Itoa(i), n)
	}
	t.Logf("messages of each writer: %v; interrupted: %d", written, interrupted)
	finishGrowing(t, v, dir, p, interrupted)
}

// liveCredentials is the credentials.yml of a child.
func liveCredentials(url string, most int) string {
	return fmt.Sprintf("live: {url: %q, child: \"${CHILD}\", max: %d, on_failure: %s}\n", url, most, sorry)
}

// finishGrowing ends the last child. Nothing is left, and each turn that was cut is a dead
// letter.
func finishGrowing(t *testing.T, v storeBlock, dir string, p *childProcess, interrupted int) {
	t.Helper()
	finish(t, func(t *testing.T, dir string) journal.Journal {
		store := v.open(t, dir)
		letters, err := store.DeadLetters(t.Context(), "", 0, 1000)
		if err != nil || len(letters) != interrupted {
			t.Errorf("%d dead letters, %v, want one for each of %d turns that were cut", len(letters), err, interrupted)
		}
		return store
	}, dir, p, max(1, interrupted))
}

// verify waits until all messages of a writer are answered and checks what is shown. It
// returns how many turns were interrupted.
func (g *livePlatform) verify(t *testing.T, sender string, n int) (interrupted int) {
	t.Helper()
	g.await(t, func(all []liveMessage) bool {
		shown := g.shown(sender, all)
		if len(shown) == 0 || len(answers(shown)) < n {
			return n == 0
		}
		last := answers(shown)[n-1]
		return !shown[len(shown)-1].open && (last.text == liveText(last.message) || last.failed)
	})
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, a := range answers(g.shown(sender, g.snapshot())) {
		want := liveText(private + strconv.Itoa(i+1))
		switch {
		case a.message != private+strconv.Itoa(i+1):
			t.Fatalf("%s: answer %d is to %q: %q\n%s", sender, i+1, a.message, a.text, g.transcript(sender))
		case a.failed && !strings.HasPrefix(want, a.text):
			t.Errorf("%s: answer %d was cut: %q, want a part of %q", sender, i+1, a.text, want)
		case !a.failed && a.text != want:
			t.Errorf("%s: answer %d: %q, want %q", sender, i+1, a.text, want)
		}
		if a.failed {
			interrupted++
		}
	}
	for part, extra := range g.doubles(sender) {
		if extra -= g.unsure[part]; extra > 0 && extra <= g.late {
			g.late -= extra
			g.unsure[part] += extra
		} else if extra > 0 {
			t.Errorf("%s: part %s has %d messages too many\n%s", sender, part, extra, g.transcript(sender))
		}
	}
	for _, m := range g.messages {
		if m.sender == sender && m.open && g.unsure[m.part] == 0 {
			t.Errorf("%s: message %s is not closed: %q", sender, m.id, m.text)
		}
	}
	return interrupted
}

// transcript returns the messages of a sender, for a test that has failed.
func (g *livePlatform) transcript(sender string) string {
	var b strings.Builder
	for _, m := range g.messages {
		if m.sender == sender {
			fmt.Fprintf(&b, "%s part %.6s open %v, %d stops: %q\n", m.id, m.part, m.open, g.unsure[m.part], m.text)
		}
	}
	return b.String()
}

// doubles returns how many messages more than one there are of each part.
func (g *livePlatform) doubles(sender string) map[string]int {
	list := map[string]int{}
	for _, m := range g.messages {
		if m.sender == sender {
			list[m.part]++
		}
	}
	for part := range list {
		list[part]--
	}
	return list
}

// shown returns the messages of a sender. Of those of one part it has the first that was
// closed, or else the last.
func (g *livePlatform) shown(sender string, all []liveMessage) (list []liveMessage) {
	for _, m := range all {
		if m.sender != sender {
			continue
		}
		i := slices.IndexFunc(list, func(earlier liveMessage) bool { return earlier.part == m.part })
		switch {
		case i < 0:
		case !list[i].open:
			continue
		default:
			list = slices.Delete(list, i, i+1)
		}
		list = append(list, m)
	}
	return list
}

// answer is what was shown for one message.
type answer struct {
	message, text string
	failed        bool // and so on_failure followed
}

// answers puts the messages of each answer together.
func answers(shown []liveMessage) (list []answer) {
	for _, m := range shown {
		message, _, _ := strings.Cut(m.text, " ")
		message = strings.TrimRight(message, "abcdefghijklmnopqrs")
		switch last := len(list) - 1; {
		case m.text == sorry && last >= 0:
			list[last].failed = true
		case last >= 0 && (list[last].message == message || goesOn(list[last], m.text)):
			list[last].text += " " + m.text
		default:
			list = append(list, answer{message: message, text: m.text})
		}
	}
	return list
}

// goesOn reports whether a text goes on with an answer: its first word may be cut, where the
// program was killed.
func goesOn(a answer, text string) bool {
	return strings.HasPrefix(liveText(a.message), a.text+" "+text)
}
