package agenttest

// peerCheck is one promise about an agent with a peer.
type peerCheck struct {
	name string
	run  func(scene) error
}

func peerChecks() []peerCheck {
	return []peerCheck{
		{"gives the replies in order", inOrder},
		{"gives each reply as it comes", asTheyCome},
		{"gives each piece of a text as it comes", pieceByPiece},
		{"ends its peer's turn when canceled", cancelReachesPeer},
		{"ends its peer's turn at the deadline", deadlineReachesPeer},
		{"ends when its peer never answers", endsUnanswered},
		{"has not reached a peer that is not there", absentNotReached},
		{"has reached a peer that answers 4xx", refusals(400, 401, 403, 404, 409, 422)},
		{"has reached a peer that answers 5xx", refusals(500, 501, 502, 504)},
		{"has not reached a peer that answers 429 or 503", busyNotReached},
		{"has reached a peer that breaks off", cutReached},
		{"has reached a peer that breaks off before it answers", hangUpReached},
		{"refuses what is no answer", refusesGarbage},
		{"takes a reply of 16 MiB", takesLarge},
		{"ends an answer that does not end", endsEndless},
		{"lives through deep JSON", livesThroughDepth},
		{"tells the number of the attempt", tellsAttempt},
		{"hides its secrets", hidesSecrets},
	}
}
