package channels

import "encoding/json"

// cards returns what the elements of a reply are where a platform has no cards: of each its
// picture, if it has one, and the text with buttons that Rasa shows. They have the reply's Extra.
func cards(r Reply) (list []Reply) {
	for i, text := range Collected(Reply{RecipientID: r.RecipientID, Elements: r.Elements}) {
		if len(text.Buttons) == 0 {
			text.Buttons = nil
		}
		text.Extra = r.Extra
		var image string
		if json.Unmarshal(r.Elements[i].Extra["image_url"], &image) == nil && image != "" {
			list = append(list, Reply{RecipientID: r.RecipientID, Image: image, Extra: r.Extra})
		}
		list = append(list, text)
	}
	return list
}

// FitCards is for the Fit of a platform without cards: it returns what fit makes of each of the
// cards of a part, and of a part of another kind.
func FitCards(p Part, fit func(Part) []Part) (parts []Part) {
	if p.Kind() != KindElements {
		return fit(p)
	}
	for _, r := range cards(p.Reply) {
		p.Reply = r
		parts = append(parts, fit(p)...)
	}
	return parts
}
