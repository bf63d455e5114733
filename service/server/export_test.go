package server

// Overlap reports whether there is a request that both patterns match.
func Overlap(a, b string) bool { return newPattern(a).overlaps(newPattern(b)) }
