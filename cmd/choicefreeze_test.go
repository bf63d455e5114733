//go:build unix

package cmd_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestCrashFrozenChoices freezes the replica that sends a part with choices, before it knows
// that the platform took it. The other takes over, sends it again and opens its choices; the
// answer to what the user chooses closes them. The replica that wakes up then opens nothing:
// its claim is lost.
func TestCrashFrozenChoices(t *testing.T) {
	t.Parallel()
	v := storeBlocks()["postgres"](t)
	platform := newSMSPlatform()
	server := httptest.NewServer(platform)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	u := &chooser{t: t, platform: platform, target: &target{restarted: make(chan struct{})}, client: client, sender: "ann"}
	rounds := max(1, roundsOf(10, 5)/5)
	dirs := make([]string, rounds+2) // by the number of the replica
	start := func(number int) *childProcess {
		dirs[number] = smsFiles(t, server.URL, v, "menu")
		return startChild(t, dirs[number], number)
	}
	p := start(1)
	for n := 1; n <= rounds; n++ {
		p = u.freezeAt(strconv.Itoa(n), p, start(n+1))
	}
	finishGrowing(t, v, dirs[p.number], p, platform.verify(t, u.sender, u.answers))
}

// freezeAt freezes one of two replicas, the one that sends the nth menu, until the other has
// taken over, and returns the other. The one that was frozen ends.
func (u *chooser) freezeAt(n string, replicas ...*childProcess) (other *childProcess) {
	u.t.Helper()
	stopped := make(chan string, 1)
	byNumber := map[string]*childProcess{}
	for _, p := range replicas {
		byNumber[strconv.Itoa(p.number)] = p
	}
	u.platform.killer.set(&killPlan{call: "menu", taken: true, after: -1}, func(child string) {
		if err := freeze(byNumber[child].Process); err != nil {
			u.t.Errorf("replica %s: %v", child, err)
		}
		stopped <- child
	})
	u.setChild(replicas[0])
	body := u.next(private+"menu "+n, menuText(n))
	var posting sync.WaitGroup // the replica may be frozen before it has acknowledged the message
	posting.Go(func() { u.send(body) })
	var frozen *childProcess
	select {
	case child := <-stopped:
		frozen = byNumber[child]
	case <-time.After(2 * waitTimeout):
		u.t.Fatal("no part came at which to freeze a replica")
	}
	if other = replicas[0]; other == frozen {
		other = replicas[1]
	}
	u.setChild(other)
	if !u.isAnswered() || !u.choose("2", n) || !u.isAnswered() {
		u.t.FailNow()
	}
	if err := frozen.Process.Signal(syscall.SIGCONT); err != nil {
		u.t.Fatal(err)
	}
	posting.Wait()
	frozen.stdin.Close()
	if err := frozen.Wait(); err != nil || !strings.Contains(frozen.log.String(), "part not settled") {
		u.t.Errorf("the replica that was frozen ends with %v, want it to fail to settle its part:\n%s", err, frozen.log)
	}
	if !u.says("2", heard("2")) || !u.isAnswered() {
		u.t.FailNow()
	}
	return other
}
