package instance

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Color is a colour as "#rrggbb" in lower case, or empty.
type Color string

var (
	colorForm    = regexp.MustCompile(`^#(?:[0-9a-f]{3}|[0-9a-f]{6})$`)
	errNotAColor = errors.New("not a colour")
)

// UnmarshalText takes "#rgb" and "#rrggbb".
func (c *Color) UnmarshalText(text []byte) error {
	form := strings.ToLower(string(text))
	if !colorForm.MatchString(form) {
		return errNotAColor
	}
	if len(form) == len("#rgb") {
		form = "#" + strings.Repeat(form[1:2], 2) + strings.Repeat(form[2:3], 2) + strings.Repeat(form[3:4], 2)
	}
	*c = Color(form)
	return nil
}

// Expected describes the form for errors.
func (*Color) Expected() string { return `a colour in quotes, as "#rrggbb"` }

// NeedsValue has the key without a value refused: what stood there was taken for a comment.
func (*Color) NeedsValue() {}

// Mixed returns the colour with a share of another, from 0 to 1, mixed in.
func (c Color) Mixed(with Color, share float64) Color {
	a, b := c.parts(), with.parts()
	var mixed [3]int
	for i := range mixed {
		mixed[i] = int(math.Round(a[i]*(1-share) + b[i]*share))
	}
	return Color(fmt.Sprintf("#%02x%02x%02x", mixed[0], mixed[1], mixed[2]))
}

// Contrast returns the contrast ratio of two colours, from 1 to 21:
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func (c Color) Contrast(with Color) float64 {
	a, b := c.luminance(), with.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// luminance is https://www.w3.org/TR/WCAG22/#dfn-relative-luminance.
func (c Color) luminance() float64 {
	var linear [3]float64
	for i, part := range c.parts() {
		part /= math.MaxUint8
		if linear[i] = part / 12.92; part > 0.04045 {
			linear[i] = math.Pow((part+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}

// parts returns red, green and blue, from 0 to 255.
func (c Color) parts() (parts [3]float64) {
	for i := range parts {
		n, _ := strconv.ParseUint(string(c[1+2*i:3+2*i]), 16, 8) // has the form
		parts[i] = float64(n)
	}
	return parts
}
