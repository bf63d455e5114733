package instance_test

import (
	"math"
	"testing"

	"github.com/manyvox/manyvox/service/instance"
)

func TestEdge08_21_Color(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"#0f6b63", "#0f6b63"}, {"#0F6B63", "#0f6b63"}, {"#abc", "#aabbcc"},
		{"", ""}, {"0f6b63", ""}, {"#0f6b6", ""}, {"#0f6b631", ""}, {"#00000000", ""}, {"#ggg", ""}, {"teal", ""},
		{"#0f6b63; } body { display: none", ""}, {"#0f6b63\n", ""}, {"rgb(1,2,3)", ""},
	} {
		var got instance.Color
		err := got.UnmarshalText([]byte(c.text))
		if string(got) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q, %v, want %q", c.text, got, err, c.want)
		}
	}
}

func TestEdge08_21_ColorContrast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b instance.Color
		want float64
	}{
		{"#000000", "#ffffff", 21},
		{"#777777", "#ffffff", 4.48}, // the example that every tool shows
		{"#767676", "#ffffff", 4.54},
		{"#0000ff", "#ffffff", 8.59},
		{"#ff0000", "#00ff00", 2.91},
		{"#123456", "#123456", 1},
	} {
		if got := c.a.Contrast(c.b); math.Abs(got-c.want) > 0.01 || got != c.b.Contrast(c.a) {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
	if got := instance.Color("#000000").Mixed("#ff8040", 0.5); got != "#804020" {
		t.Errorf("mixed %s", got)
	}
}
