package cmd_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

// TestCrashChoices kills the program while it sends parts with choices: before and after the
// platform takes one, while one is on its way, and once it is sent, again and again with the
// same data. A number or a title chooses from the part that was sent last, and from none that
// was not sent; a key from either. Each message is answered once.
func TestCrashChoices(t *testing.T) {
	t.Parallel()
	for name, open := range storeBlocks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crashChoices(t, open(t))
		})
	}
}

func crashChoices(t *testing.T, v storeBlock) {
	t.Helper()
	platform := newSMSPlatform()
	server := httptest.NewServer(platform)
	defer server.Close()
	dir := smsFiles(t, server.URL, v, "menu")
	p := startChild(t, dir, 1)
	g := &target{restarted: make(chan struct{})}
	g.setChild(p)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
	defer client.CloseIdleConnections()
	done := make(chan struct{})
	users := make([]*chooser, writers)
	var posting sync.WaitGroup
	for i := range users {
		users[i] = &chooser{t: t, platform: platform, target: g, client: client, sender: strconv.Itoa(i)}
		posting.Go(func() { users[i].chooseUntil(done) })
	}
	for range roundsOf(5, 2) {
		if !platform.goesOn(t) {
			break
		}
		platform.killer.kill(t, p, "menu", "held", "text", "image")
		p = awaitKill(t, dir, g, p)
	}
	close(done)
	posting.Wait()
	interrupted, messages := 0, 0
	for _, u := range users {
		interrupted += platform.verify(t, u.sender, u.answers)
		messages += len(u.answers)
	}
	t.Logf("%d messages, interrupted: %d", messages, interrupted)
	finishGrowing(t, v, dir, p, interrupted)
}

// roundsOf returns how many rounds a test has.
func roundsOf(usual, short int) int {
	n, err := strconv.Atoi(os.Getenv(crashRounds))
	switch {
	case err == nil:
		return n
	case testing.Short():
		return short
	}
	return usual
}

// smsFiles writes the files of a child whose agent is of another type.
func smsFiles(t *testing.T, url string, v storeBlock, agent string) (dir string) {
	t.Helper()
	return files(t, map[string]string{
		"credentials.yml": fmt.Sprintf("sms: {url: %q, child: \"${CHILD}\", on_failure: %s}\n", url, sorry),
		"endpoints.yml":   strings.Replace(v.endpoints, "echo", agent, 1),
	})
}

// awaitKill waits until a child is killed, and returns the next.
func awaitKill(t *testing.T, dir string, g *target, p *childProcess) *childProcess {
	t.Helper()
	if err := p.Wait(); err == nil || p.ProcessState.Exited() {
		t.Fatalf("it ends with %v, want it to be killed:\n%s", err, p.log)
	}
	if strings.Contains(p.log.String(), private) {
		t.Errorf("the log holds a message:\n%s", p.log)
	}
	p = startChild(t, dir, p.number+1)
	g.setChild(p)
	return p
}

// chooser is a user of a menu agent.
type chooser struct {
	t        *testing.T
	platform *smsPlatform
	*target
	client  *http.Client
	sender  string
	answers []string // that the messages get
}

// says posts the next message, and knows what is answered. It reports false when the test
// has failed.
func (u *chooser) says(text, answer string) bool { return u.send(u.next(text, answer)) }

// next returns the body of the next message.
func (u *chooser) next(text, answer string) (body string) {
	u.answers = append(u.answers, answer)
	return fmt.Sprintf(`{"sender":%q,"message":%q,"message_id":%q}`, u.sender, text, u.last())
}

// send posts a message.
func (u *chooser) send(body string) bool {
	_, ok := u.post(u.t, u.client, "sms/webhook", body)
	return ok
}

// last is the id of the last message.
func (u *chooser) last() string { return fmt.Sprintf("m%d", len(u.answers)) }

// isAnswered waits until the last message is answered.
func (u *chooser) isAnswered() bool { return u.platform.awaitAnswer(u.t, u.sender, u.last()) }

// choose says what means "/ship n", and chooses it.
func (u *chooser) choose(text, n string) bool { return u.says(text, heard(private+"/ship "+n)) }

// chooseUntil plays until done is closed, or the test fails.
func (u *chooser) chooseUntil(done <-chan struct{}) {
	for n := 1; u.play(strconv.Itoa(n), strconv.Itoa(n+1), n); n += 2 {
		select {
		case <-done:
			return
		default:
		}
	}
}

// play asks for two menus. The second is on its way when the user chooses from the first. The
// answers close both.
func (u *chooser) play(first, second string, n int) bool {
	byName := "2."
	if n%4 == 1 {
		byName = strings.ToUpper(private + "ship " + first)
	}
	if !u.says(private+"menu "+first, menuText(first)) || !u.isAnswered() {
		return false
	}
	release := u.platform.hold(u.sender)
	ok := u.says(private+"menu "+second, menuText(second)) && u.platform.awaitHeld(u.t, u.sender) &&
		u.choose(byName, first) && // the last that was sent
		u.says(private+"Ship "+second, heard(private+"Ship "+second)) && // not sent
		u.choose(channels.ChoiceKey(private+"/ship "+second), second)
	release()
	return ok && u.isAnswered() &&
		u.says("2", heard("2")) && u.isAnswered() && // both are closed
		u.says(private+"menu "+first, menuText(first)) && u.isAnswered() &&
		u.choose(byName, first) && u.isAnswered()
}
