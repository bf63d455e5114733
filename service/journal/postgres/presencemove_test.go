//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal/postgres"
)

// reader is one of several readers who go from replica to replica while they are written
// to.
type reader struct {
	channels.Conversation
	mu sync.Mutex
	at *postgres.Store
	// sent are the parts in the order in which they were, missed counts the attempts
	// that were made where the reader was not.
	sent   []string
	missed int
}

func (w *reader) attempt(at *postgres.Store, id string) (found bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if found = w.at == at; found {
		w.sent = append(w.sent, id)
	} else {
		w.missed++
	}
	return found
}

func (w *reader) to(s *postgres.Store) (from *postgres.Store) {
	w.mu.Lock()
	defer w.mu.Unlock()
	from, w.at = w.at, s
	return from
}

// Three replicas send what all of them store to readers who move between them. Every part is
// sent once, in order, and where its reader is; none waits for its pause.
func TestPresenceMoves(t *testing.T) {
	t.Parallel()
	const readerCount, parts = 12, 60
	o := longLease()
	all := openOutboxes(t, newDatabase(t), 3, o)
	readers := map[string]*reader{}
	for n := range readerCount {
		name := fmt.Sprint("reader", n)
		readers[name] = &reader{Conversation: channels.Conversation{Channel: "web", Sender: name}}
	}
	ctx, stop := context.WithCancel(t.Context())
	var sending, walking sync.WaitGroup
	var left atomic.Int64
	left.Store(readerCount * parts)
	for _, s := range all {
		for range 4 {
			sending.Go(func() {
				for {
					d, err := s.NextPart(ctx)
					if err != nil {
						return
					}
					outcome := retryLater()
					if readers[d.Part.Sender].attempt(s, d.Part.ID) {
						outcome = sentPart
					}
					if err := s.SettlePart(context.WithoutCancel(ctx), d.Claim, outcome); err != nil {
						t.Errorf("SettlePart: %v", err)
					}
					if outcome.Sent {
						left.Add(-1)
					}
				}
			})
		}
	}
	began := time.Now()
	for _, w := range readers {
		walking.Go(func() {
			for n := range parts {
				push(t, all[rand.N(len(all))], w.Conversation, fmt.Sprint(n))
				if n%10 == 5 || n == parts-1 {
					next := all[rand.N(len(all))]
					from := w.to(next)
					wake(t, next, w.Conversation)
					if from != nil && from != next {
						gone(t, from, w.Conversation)
					}
				}
			}
		})
	}
	walking.Wait()
	eventually(t, func() bool { return left.Load() == 0 })
	took := time.Since(began)
	stop()
	sending.Wait()
	missed := 0
	for name, w := range readers {
		missed += w.missed
		if !slices.IsSortedFunc(w.sent, func(a, b string) int { return int(idOf(a) - idOf(b)) }) || len(w.sent) != parts {
			t.Errorf("%s is sent %v", name, w.sent)
		}
	}
	t.Logf("%d parts in %v, %d attempts where the reader was not", readerCount*parts, took, missed)
}

// BenchmarkWake measures readers who come and leave.
func BenchmarkWake(b *testing.B) {
	j := benchStore(b)
	measure(b, func(n int64) error {
		c := channels.Conversation{Channel: "web", Sender: fmt.Sprint("sender", n)}
		if err := j.Wake(context.Background(), c); err != nil {
			return err
		}
		return j.Gone(context.Background(), c)
	})
}

// A part that a replica stores is sent by another as soon as it hears of it.
func TestPresencePrompt(t *testing.T) {
	t.Parallel()
	all := openOutboxes(t, newDatabase(t), 2, withoutPolling())
	a, b := all[0], all[1]
	wake(t, a, bob)
	var took []time.Duration
	for n := range 50 {
		id := strconv.Itoa(n)
		began := time.Now()
		push(t, b, bob, id)
		d := nextPart(t, a, id)
		took = append(took, time.Since(began))
		settlePart(t, a, d, sentPart)
	}
	slices.Sort(took)
	t.Logf("stored by one and given to another: half within %v, all within %v", took[len(took)/2], took[len(took)-1])
}
