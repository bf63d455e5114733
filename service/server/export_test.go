package server

import "github.com/manyvox/manyvox/service/instance"

// Overlap reports whether there is a request that both patterns match.
func Overlap(a, b string) bool { return newPattern(a).overlaps(newPattern(b)) }

// OwnColor is the page's own colour.
const OwnColor = ownColor

// Palette returns the style sheet of an owner's colour.
func Palette(c instance.Color) []byte { return palette(c) }

// Surfaces returns the ground, the raised and the sunken surface, each light and dark.
func Surfaces() [][2]instance.Color {
	l, d := lightSurfaces, darkSurfaces
	return [][2]instance.Color{{l.ground, d.ground}, {l.raised, d.raised}, {l.sunken, d.sunken}}
}
