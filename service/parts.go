package service

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime/debug"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// partsOf makes of replies of a single kind the parts that the channel can send in one
// call each, addressed as to is. Id gives the id of each in order. A panic of the
// channel becomes an error.
func (in *Instance) partsOf(to channels.Part, rs []channels.Reply, id func() string) (parts []channels.Part, err error) {
	defer func() {
		if v := recover(); v != nil {
			parts, err = nil, fmt.Errorf("channel %s: panic: %v\n%s", in.Name, v, debug.Stack())
		}
	}()
	for _, r := range rs {
		to.Reply = r
		parts = append(parts, in.fit(to)...)
	}
	for i := range parts {
		parts[i].ID = id()
	}
	return parts, nil
}

// pushedIDs numbers the parts of a message that is no turn's: the same for the same
// message, and other ones than those of a turn.
func pushedIDs(k journal.Key) func() string {
	n := 0
	return func() string {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00pushed\x00%d", k.Channel, k.Sender, k.ID, n))
		n++
		return hex.EncodeToString(sum[:16])
	}
}
