package server_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/server"
)

// variables returns the colours that a style sheet gives its variables, light and dark.
func variables(css string) map[string][2]instance.Color {
	list := map[string][2]instance.Color{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): (?:light-dark\((#\w+), (#\w+)\)|(#\w+));`).FindAllStringSubmatch(css, -1) {
		light, dark := m[2], m[3]
		if m[4] != "" {
			light, dark = m[4], m[4]
		}
		list[m[1]] = [2]instance.Color{instance.Color(light), instance.Color(dark)}
	}
	return list
}

// pageVariables are those of the page's own style sheet.
func pageVariables(t *testing.T) map[string][2]instance.Color {
	t.Helper()
	css, err := os.ReadFile("../../web/src/styles/look.css")
	if err != nil {
		t.Fatal(err)
	}
	return variables(string(css))
}

// Whatever the owner's colour, each text of the page has the contrast of WCAG's AA with what
// it may lie on, and the page's own colour does too.
func TestEdge08_21_AnyColorCanBeRead(t *testing.T) {
	t.Parallel()
	page := pageVariables(t)
	random := rand.New(rand.NewPCG(8, 21))
	colors := []instance.Color{"", "#000000", "#ffffff", "#767676", "#777777", "#ffff00", "#0000ff", "#ff6600", "#808080"}
	for range 2000 {
		colors = append(colors, instance.Color(fmt.Sprintf("#%06x", random.IntN(1<<24))))
	}
	for _, c := range colors {
		own := map[string][2]instance.Color{}
		if c != "" {
			own = variables(string(server.Palette(c)))
		}
		of := func(name string) [2]instance.Color {
			if v, ok := own[name]; ok {
				return v
			}
			return page[name]
		}
		for _, pair := range [][2]string{
			{"accent", "ground"}, {"accent", "raised"}, {"accent", "sunken"}, {"accent", "accent-soft"},
			{"said-text", "said"}, {"said-text", "said-hover"},
		} {
			text, behind := of(pair[0]), of(pair[1])
			for i, theme := range []string{"light", "dark"} {
				if text[i] == "" || behind[i] == "" {
					t.Fatalf("%s or %s is not there", pair[0], pair[1])
				}
				if ratio := text[i].Contrast(behind[i]); ratio < 4.5 {
					t.Errorf("%q, %s: %s on %s has %.2f", c, theme, pair[0], pair[1], ratio)
				}
			}
		}
	}
}

// The colour itself is kept where it can be read, and the surfaces are those of the page.
func TestEdge08_21_PaletteOfThePagesOwnColor(t *testing.T) {
	t.Parallel()
	page := pageVariables(t)
	own := variables(string(server.Palette(page["said"][0])))
	if own["accent"][0] != page["accent"][0] || own["said"][0] != page["said"][0] || own["said-text"][0] != page["said-text"][0] {
		t.Errorf("palette %v, the page's %v", own, page)
	}
	if diff := cmp.Diff(server.Surfaces(), [][2]instance.Color{page["ground"], page["raised"], page["sunken"]}); diff != "" {
		t.Errorf("surfaces (-palette +look.css):\n%s", diff)
	}
	if page["said"][0] != server.OwnColor {
		t.Errorf("the page's colour is %s, the script's %s", page["said"][0], server.OwnColor)
	}
	if css := string(server.Palette("#123456")); strings.ContainsAny(css, "<>") || !strings.HasPrefix(css, ":root {\n") {
		t.Errorf("style sheet %q", css)
	}
}
