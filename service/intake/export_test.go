package intake

import "github.com/manyvox/manyvox/service/journal"

// Chosen returns the payload that a text chooses from offers.
func Chosen(offers []journal.Offer, text string) (payload string, ok bool) {
	return chosen(offers, text)
}
