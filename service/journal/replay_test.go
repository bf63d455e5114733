package journal_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

func TestReplayBatches(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ids []int64
		// per is how many dead letters a conversation has.
		per  int
		want []int // sizes
	}{
		"none":                      {nil, 1, nil},
		"a few":                     {[]int64{3, 1, 2}, 1, []int{3}},
		"unknown ones are left out": {[]int64{-3, 1, -9}, 1, []int{1}},
		"many conversations":        {upTo(1200), 1, []int{500, 500, 200}},
		"each is in one batch":      {upTo(1200), 7, []int{504, 504, 192}},
		"one that is large":         {upTo(1200), 1200, []int{1200}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conversations := map[int64]channels.Conversation{}
			for _, id := range c.ids {
				if id >= 0 {
					conversations[id] = channels.Conversation{Channel: "web", Sender: strconv.Itoa(int(id) / c.per)}
				}
			}
			batchOf := map[channels.Conversation]int{}
			var sizes []int
			for n, batch := range journal.ReplayBatches(c.ids, conversations) {
				sizes = append(sizes, len(batch))
				for _, id := range batch {
					if earlier, known := batchOf[conversations[id]]; known && earlier != n {
						t.Errorf("%+v is in the batches %d and %d", conversations[id], earlier, n)
					}
					batchOf[conversations[id]] = n
				}
			}
			if diff := cmp.Diff(c.want, sizes); diff != "" {
				t.Errorf("sizes (-want +got):\n%s", diff)
			}
		})
	}
}

// upTo returns the numbers below n.
func upTo(n int64) (all []int64) {
	for i := range n {
		all = append(all, i)
	}
	return all
}
