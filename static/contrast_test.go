package static

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The pairs that stand on each other somewhere, with the ratio WCAG 2.2 AA asks: 4.5 for text (also
// for placeholders and buttons that are off, though they are exempt), 3 for edges and signs.
var (
	grounds = []string{"page", "surface", "surface-sunk", "surface-raised", "surface-hover"}
	words   = []string{"text", "text-soft", "text-faint", "link", "link-hover"}
	tones   = []string{"neutral", "info", "good", "warn", "bad"}
)

type pair struct {
	front, back string
	least       float64
}

func pairs() []pair {
	list := []pair{
		{"on-accent", "accent", 4.5}, {"on-accent", "accent-hover", 4.5},
		{"on-danger", "danger", 4.5}, {"on-danger", "danger-hover", 4.5},
		{"brand", "surface", 4.5}, {"mark-gnomon", "mark-dial", 3}, {"mark-hour", "mark-dial", 3},
		{"line-input", "surface", 3}, {"line-input", "surface-raised", 3},
		{"brass", "surface", 3}, {"danger", "surface", 3},
	}
	for _, ground := range grounds {
		for _, word := range words {
			list = append(list, pair{word, ground, 4.5})
		}
		list = append(list, pair{"focus", ground, 3}, pair{"accent", ground, 3})
	}
	for _, tone := range tones {
		list = append(list, pair{tone + "-text", tone + "-bg", 4.5}, pair{tone + "-text", "surface", 4.5}, pair{tone + "-text", "page", 4.5})
	}
	return list
}

func TestContrastInBothSchemes(t *testing.T) {
	tokens := readTokens()
	for i, scheme := range []string{"light", "dark"} {
		for _, p := range pairs() {
			front, back := tokens.colour(t, p.front, i), tokens.colour(t, p.back, i)
			if got := contrast(front, back); got < p.least {
				t.Errorf("%s: %s on %s is %.2f, needs %.1f", scheme, p.front, p.back, got, p.least)
			}
		}
	}
}

type tokens map[string]string

func readTokens() tokens {
	found := tokens{}
	for _, m := range regexp.MustCompile(`(?m)^\s*--([a-z0-9-]+):\s*([^;]+);`).FindAllStringSubmatch(Stylesheet(), -1) {
		found[m[1]] = strings.TrimSpace(m[2])
	}
	return found
}

// colour follows var() and the scheme's side of light-dark() down to red, green and blue.
func (k tokens) colour(t *testing.T, name string, scheme int) [3]float64 {
	t.Helper()
	value, ok := k[name]
	if !ok {
		t.Fatalf("no token --%s", name)
	}
	if inner, ok := strings.CutPrefix(value, "light-dark("); ok {
		sides := strings.Split(strings.TrimSuffix(inner, ")"), ", ")
		value = sides[scheme]
	}
	if inner, ok := strings.CutPrefix(value, "var(--"); ok {
		return k.colour(t, strings.TrimSuffix(inner, ")"), scheme)
	}
	hex := strings.TrimPrefix(value, "#")
	if len(hex) != 6 {
		t.Fatalf("--%s is %q, which this test cannot read", name, value)
	}
	var rgb [3]float64
	for i := range rgb {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(fmt.Errorf("--%s: %w", name, err))
		}
		rgb[i] = float64(n) / 255
	}
	return rgb
}

// contrast is WCAG's ratio of relative luminances, 1 to 21
// (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
func contrast(a, b [3]float64) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(rgb [3]float64) float64 {
	var lin [3]float64
	for i, c := range rgb {
		if c <= 0.04045 {
			lin[i] = c / 12.92
		} else {
			lin[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*lin[0] + 0.7152*lin[1] + 0.0722*lin[2]
}
