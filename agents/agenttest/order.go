package agenttest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// inOrder has the peer send many replies, and none.
func inOrder(s scene) error {
	counts := []int{20, 1, 0}
	if s.peer.OneText {
		counts = counts[1:]
	}
	for _, n := range counts {
		var want []string
		for i := range n {
			want = append(want, fmt.Sprintf("reply %d", i+1))
		}
		rec := &Recorder{}
		err := s.hello(rec, func(x Exchange) {
			for _, text := range want {
				x.Reply(text)
			}
			x.End()
		})
		if err != nil || !slices.Equal(rec.Texts(), want) || len(rec.Pending) > 0 {
			return fmt.Errorf("the peer says %q and the agent %q, with %q left open: %w", want, rec.Texts(), rec.Pending, err)
		}
	}
	return nil
}

// asTheyCome has the peer keep its second reply until the first is shown.
func asTheyCome(s scene) error {
	if s.peer.Collects || s.peer.OneText {
		return nil
	}
	shown, inTime := make(chan struct{}, 2), make(chan bool, 1)
	rec := &Recorder{OnReply: func(channels.Reply) error { shown <- struct{}{}; return nil }}
	err := s.hello(rec, func(x Exchange) {
		x.Reply("first")
		inTime <- s.await(x, shown)
		x.Reply("second")
		x.End()
	})
	if ok, _ := received(s, inTime); !ok {
		return errors.New("the first reply is not shown before the second is there")
	}
	return err
}

// pieceByPiece has the peer keep each piece of a text until the one before it is shown.
func pieceByPiece(s scene) error {
	if s.peer.Collects || s.peer.NoDeltas {
		return nil
	}
	pieces := []string{"one, ", "two, ", "three"}
	text := strings.Join(pieces, "")
	shown, inTime := make(chan struct{}, 1), make(chan bool, 1)
	length := 0
	rec := &Recorder{OnDelta: func(piece string) error {
		if length += len(piece); length%len(pieces[0]) == 0 { // a piece is complete, cut as it may be
			shown <- struct{}{}
		}
		return nil
	}}
	err := s.hello(rec, func(x Exchange) {
		ok := true
		for i, piece := range pieces {
			x.Delta(piece)
			if i < len(pieces)-1 {
				ok = ok && s.await(x, shown)
			}
		}
		inTime <- ok
		x.Reply(text)
		x.End()
	})
	if ok, _ := received(s, inTime); !ok {
		return errors.New("a piece is not shown before the next is there")
	}
	if err != nil || strings.Join(rec.Deltas, "") != text || !slices.Equal(rec.Texts(), []string{text}) || len(rec.Pending) > 0 {
		return fmt.Errorf("the peer says %q, the agent %q and then %q, with %q left open: %w", pieces, rec.Deltas, rec.Texts(), rec.Pending, err)
	}
	return nil
}
