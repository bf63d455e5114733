//go:build unix

package cmd_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// leaseTime is longer than the lease of a replica.
const leaseTime = 4 * time.Second

// TestCrashFrozenGrowth freezes one of two replicas while replies grow, until the other has
// taken over what it had claimed. Once it wakes up it sends nothing old: a reply comes twice
// only when its open, or its send, was on its way. Nobody but the replica knows that of a call
// which it was about to make, so that few may come late: of all that it had claimed, half of
// the conversations, one for each time that it was frozen.
func TestCrashFrozenGrowth(t *testing.T) {
	t.Parallel()
	v := storeBlocks()["postgres"](t)
	rounds := 2
	if n, err := strconv.Atoi(os.Getenv(crashRounds)); err == nil {
		rounds = max(1, n/5)
	} else if testing.Short() {
		rounds = 1
	}
	platform := newLivePlatform()
	server := httptest.NewServer(platform)
	defer server.Close()
	dirs, replicas := make([]string, 2), make([]*childProcess, 2)
	for i := range replicas {
		dirs[i] = files(t, map[string]string{
			"credentials.yml": liveCredentials(server.URL, 60), "endpoints.yml": strings.Replace(v.endpoints, "echo", "words", 1),
		})
		replicas[i] = startChild(t, dirs[i], i+1)
	}
	frozen, other := replicas[0], replicas[1]
	g := &target{replies: map[string][]receivedReply{}, restarted: make(chan struct{}), grown: make(chan struct{}), channel: "live", pace: platform.pace}
	g.setChild(other)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
	defer client.CloseIdleConnections()
	done := make(chan struct{})
	written := make([]int, writers)
	var posting sync.WaitGroup
	for i := range writers {
		posting.Go(func() { written[i] = g.write(t, client, strconv.Itoa(i), done) })
	}
	platform.late = rounds
	for range rounds {
		platform.freeze(t, frozen)
	}
	close(done)
	posting.Wait()
	interrupted := 0
	for i, n := range written {
		interrupted += platform.verify(t, strconv.Itoa(i), n)
	}
	t.Logf("messages of each writer: %v; interrupted: %d; late calls: %d", written, interrupted, rounds-platform.late)
	frozen.stdin.Close()
	if err := frozen.Wait(); err != nil {
		t.Errorf("the replica that was frozen ends with %v:\n%s", err, frozen.log)
	}
	if strings.Contains(frozen.log.String(), private) {
		t.Errorf("the log holds a message:\n%s", frozen.log)
	}
	finishGrowing(t, v, dirs[1], other, interrupted)
}

// freeze stops a replica at a call, and wakes it up once another has taken over.
func (g *livePlatform) freeze(t *testing.T, p *childProcess) {
	t.Helper()
	signal := func(s os.Signal) {
		if err := p.Process.Signal(s); err != nil {
			t.Errorf("signal %v: %v", s, err)
		}
	}
	stopped := make(chan struct{})
	g.stopNext(p, func() {
		if err := freeze(p.Process); err != nil {
			t.Error(err)
		}
		close(stopped)
	})
	select {
	case <-stopped:
	case <-time.After(2 * waitTimeout):
		t.Fatal("no call came at which to freeze the replica")
	}
	time.Sleep(leaseTime) // else it may wake up with its claims
	g.goesOn(t)
	signal(syscall.SIGCONT)
}

// goesOn waits until each writer got another answer: whatever the replica had claimed that is
// frozen, another has taken over.
func (g *livePlatform) goesOn(t *testing.T) {
	t.Helper()
	var before map[string]int
	g.await(t, func([]liveMessage) bool {
		if before == nil {
			before = maps.Clone(g.answered)
		}
		for i := range writers {
			if sender := strconv.Itoa(i); g.answered[sender] <= before[sender] {
				return false
			}
		}
		return true
	})
}
