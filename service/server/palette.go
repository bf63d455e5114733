package server

import (
	"fmt"
	"strings"

	"github.com/manyvox/manyvox/service/instance"
)

const (
	white instance.Color = "#ffffff"
	black instance.Color = "#000000"
	// readable is the least contrast of a text: https://www.w3.org/TR/WCAG22/#contrast-minimum
	readable = 4.5
	// softness is the share of the accent in what lies behind it, hovering that of the ink's
	// opposite in a button below the pointer.
	softness, hovering = 0.12, 0.15
)

// surfaces are what the chat page's accent lies on, as web/src/styles/look.css has them.
type surfaces struct {
	ground, raised, sunken instance.Color
	// ink is what the accent is mixed with until it can be read there.
	ink instance.Color
}

var (
	lightSurfaces = surfaces{ground: "#f7f6f3", raised: "#ffffff", sunken: "#efede8", ink: black}
	darkSurfaces  = surfaces{ground: "#131516", raised: "#1d2022", sunken: "#0e1011", ink: white}
)

// palette returns the style sheet that gives the chat page a colour of its owner's. Whatever
// the colour, text can be read.
func palette(c instance.Color) []byte {
	light, dark := lightSurfaces.accent(c), darkSurfaces.accent(c)
	ink := inkOn(c)
	var b strings.Builder
	b.WriteString(":root {\n")
	for _, v := range [][2]string{
		{"accent", lightDark(light, dark)},
		{"accent-soft", lightDark(lightSurfaces.soft(light), darkSurfaces.soft(dark))},
		{"said", string(c)},
		{"said-hover", string(c.Mixed(opposite(ink), hovering))},
		{"said-text", string(ink)},
	} {
		fmt.Fprintf(&b, "  --%s: %s;\n", v[0], v[1])
	}
	b.WriteString("}\n")
	return []byte(b.String())
}

func lightDark(light, dark instance.Color) string {
	return fmt.Sprintf("light-dark(%s, %s)", light, dark)
}

// inkOn returns white or black, whichever can be read on a colour; white where both can.
func inkOn(c instance.Color) instance.Color {
	if c.Contrast(white) >= readable {
		return white
	}
	return black
}

func opposite(ink instance.Color) instance.Color {
	if ink == white {
		return black
	}
	return white
}

// accent returns the colour, as much lighter or darker as it takes to be read on each surface.
func (s surfaces) accent(c instance.Color) instance.Color {
	for share := 0.0; share < 1; share += 0.05 {
		if a := c.Mixed(s.ink, share); s.readsOn(a) {
			return a
		}
	}
	return s.ink
}

func (s surfaces) readsOn(a instance.Color) bool {
	for _, behind := range []instance.Color{s.ground, s.raised, s.sunken, s.soft(a)} {
		if a.Contrast(behind) < readable {
			return false
		}
	}
	return true
}

// soft is what lies behind the accent below the pointer.
func (s surfaces) soft(a instance.Color) instance.Color { return s.raised.Mixed(a, softness) }
