package journal

import "github.com/manyvox/manyvox/channels"

// replayBatch is about how many dead letters one transaction puts back, so that other
// callers need not wait long.
const replayBatch = 500

// ReplayBatches splits dead letters, given by id and conversation, into those that are put
// back in one transaction each. All of a conversation are in one batch, whatever their
// number: were they not, a message could be answered before an earlier one of the same
// conversation.
func ReplayBatches(ids []int64, conversations map[int64]channels.Conversation) [][]int64 {
	of := map[channels.Conversation][]int64{}
	var order []channels.Conversation
	for _, id := range ids {
		c, known := conversations[id]
		if !known {
			continue
		}
		if of[c] == nil {
			order = append(order, c)
		}
		of[c] = append(of[c], id)
	}
	var batches [][]int64
	var batch []int64
	for _, c := range order {
		if batch = append(batch, of[c]...); len(batch) >= replayBatch {
			batches, batch = append(batches, batch), nil
		}
	}
	if len(batch) > 0 {
		batches = append(batches, batch)
	}
	return batches
}
