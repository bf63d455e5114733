package delivery

import (
	"sync"

	"github.com/manyvox/manyvox/channels"
)

// maxGrowths is how many texts can grow at once. A turn grows one at a time.
const maxGrowths = 10_000

// growths are the texts that grow, by the id of the part.
type growths struct {
	mu sync.Mutex
	// byFirst has each under the id with which it began, byID under its id now: a roll-over
	// gives it another.
	byFirst, byID map[string]*growth
}

// Begin takes a text that will grow. A turn calls it before the part is committed as a live
// part, and Complete once for each Begin. It reports whether there is room.
func (d *Deliverer) Begin(p channels.Part) bool {
	s := &d.growths
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byFirst) >= maxGrowths {
		return false
	}
	if s.byFirst == nil {
		s.byFirst, s.byID = map[string]*growth{}, map[string]*growth{}
	}
	g := newGrowth(p)
	s.byFirst[p.ID], s.byID[p.ID] = g, g
	return true
}

// Grow adds a piece to the text that began with the part of that id.
func (d *Deliverer) Grow(first, piece string) {
	if g := d.growths.begun(first); g != nil {
		g.add(piece)
	}
}

// Finish says that the text will not grow any more, and returns how it stands: the id of the
// live part now, how much of the text is in earlier messages that are closed, and up to where
// it goes into the present message, where that is being closed. The turn then commits its
// completion, which cuts the complete text there too.
func (d *Deliverer) Finish(first string) (present string, closed, next int) {
	g := d.growths.begun(first)
	if g == nil {
		return first, 0, 0
	}
	return g.finish()
}

// Complete says that p has completed the live part, or that nothing will: p is nil then.
// What was said before holds.
func (d *Deliverer) Complete(first string, p *channels.Part) {
	if g := d.growths.begun(first); g != nil && g.end(p) {
		d.growths.remove(g)
	}
}

func (s *growths) begun(first string) *growth {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byFirst[first]
}

// attach returns the growth of a part, nil when there is none. The live part that has it
// must detach it.
func (s *growths) attach(id string) *growth {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.byID[id]
	if g != nil {
		g.attach()
	}
	return g
}

func (s *growths) detach(g *growth) {
	if g.detach() {
		s.remove(g)
	}
}

// rename follows a roll-over.
func (s *growths) rename(g *growth, from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, from)
	s.byID[to] = g
}

func (s *growths) remove(g *growth) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := g.snapshot().part.ID
	if s.byFirst[g.first] == g { // and none of a later attempt
		delete(s.byFirst, g.first)
	}
	if s.byID[id] == g {
		delete(s.byID, id)
	}
}
