package channels

// Numbered gives the deltas and replies of one turn their reply ids: numbers from 1. Deltas
// are cut at paragraphs where Expand will cut the complete text, so that the pieces of one
// number, put together, are the text of the part with that number. Who hands a turn's
// replies on as they grow keeps one for each turn. It is used by one goroutine at a time.
type Numbered struct {
	// Split says whether texts of a format are cut at paragraphs, as it is said to
	// Expand. Nil means that all are.
	Split func(Format) bool

	done    int // the highest number of a complete reply
	highest int // the highest number of all

	growing bool      // a text is in progress
	text    *splitter // cuts it, nil when it stays whole
}

// Piece is a piece of a text in progress.
type Piece struct {
	// Number is the reply id.
	Number int
	// Text may be empty where a paragraph ends.
	Text string
	// Ends says that the text of that number is whole: what follows has higher numbers.
	// The last paragraph ends with its complete reply.
	Ends bool
}

// Delta takes the next piece of the text in progress, whose format is that of its first
// piece, and returns what can be shown now, in order. A piece has whole characters. White
// space at its end is held back until something follows it, unless the text stays whole.
func (n *Numbered) Delta(text string, f Format) []Piece {
	if text == "" {
		return nil
	}
	if !n.growing {
		n.growing = true
		if n.Split == nil || n.Split(f) {
			n.text = &splitter{}
		}
	}
	first := n.done + 1
	if n.text == nil {
		n.highest = max(n.highest, first)
		return []Piece{{Number: first, Text: text}}
	}
	pieces := n.text.push(text)
	for i := range pieces {
		pieces[i].Number += first
		n.highest = max(n.highest, pieces[i].Number)
	}
	return pieces
}

// Complete takes a complete reply of so many parts and returns the number of the first; the
// others follow it one by one. It ends the text in progress: the parts take the numbers
// of its paragraphs, and what comes later gets no number that a piece of it had.
func (n *Numbered) Complete(parts int) (first int) {
	first = n.done + 1
	n.highest = max(n.highest, n.done+parts)
	n.done = n.highest
	n.growing, n.text = false, nil
	return first
}
