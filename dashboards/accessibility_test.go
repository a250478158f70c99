package dashboards_test

import (
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"brume/dashboards"
	"brume/schemas/registry"
)

var (
	headings   = regexp.MustCompile(`<h([1-6])[ >]`)
	identified = regexp.MustCompile(`\sid="([^"]+)"`)
	pointers   = regexp.MustCompile(`(?:aria-labelledby|aria-describedby|for|href)="(#?[^"]+)"`)
	selects    = regexp.MustCompile(`<select id="([^"]+)"`)
	tables     = regexp.MustCompile(`(?s)<table.*?</table>`)
	captions   = regexp.MustCompile(`<table[^>]*>\s*<caption`)
	heads      = regexp.MustCompile(`<th[ >][^>]*`)
	figures    = regexp.MustCompile(`(?s)<figure.*?</figure>`)
	drawings   = regexp.MustCompile(`<svg [^>]*>`)
)

// TestStructure: what a screen reader lives by, on every page.
func TestStructure(t *testing.T) {
	fill(t, 9)
	s := serve(t, dashboards.DefaultConfig())
	school := registry.Demonstration(0).Schools[3].UAI.String()
	for _, address := range []string{
		"/", "/?area=13", "/?area=" + school, "/en/", "/trend?area=13", "/en/trend?area=france&measure=success_rate",
		"/trend?area=" + school, "/transparency", "/en/transparency", "/method", "/en/method", "/nowhere", "/en/nowhere",
	} {
		_, page := get(t, s, address)
		for _, part := range []string{`<html lang="`, `<header`, `<nav aria-label="`, `<main id="content"`, `<footer`, `href="#content"`} {
			if n := strings.Count(page, part); n != 1 {
				t.Errorf("%s has %d × %s", address, n, part)
			}
		}
		checkHeadings(t, address, page)
		checkPointers(t, address, page)
		for _, table := range tables.FindAllString(page, -1) {
			if !captions.MatchString(table) {
				t.Errorf("%s: a table without a caption", address)
			}
			for _, head := range heads.FindAllString(table, -1) {
				if !strings.Contains(head, `scope="`) {
					t.Errorf("%s: a header without a scope: %s", address, head)
				}
			}
		}
		for _, figure := range figures.FindAllString(page, -1) {
			if !strings.Contains(figure, "<figcaption") {
				t.Errorf("%s: a figure without a caption", address)
			}
		}
		for _, svg := range drawings.FindAllString(page, -1) {
			if !regexp.MustCompile(`aria-hidden="true"|role="img" aria-labelledby=`).MatchString(svg) {
				t.Errorf("%s: neither named nor hidden: %s", address, svg)
			}
		}
	}
}

func checkHeadings(t *testing.T, address, page string) {
	t.Helper()
	last, first := 0, 0
	for _, m := range headings.FindAllStringSubmatch(page, -1) {
		level, _ := strconv.Atoi(m[1])
		if level == 1 {
			first++
		}
		if level > last+1 {
			t.Errorf("%s: heading %d follows heading %d", address, level, last)
		}
		last = level
	}
	if first != 1 {
		t.Errorf("%s has %d first headings", address, first)
	}
}

// checkPointers: ids are unique, what points at one finds it, and each choice
// has its label.
func checkPointers(t *testing.T, address, page string) {
	t.Helper()
	var ids []string
	for _, m := range identified.FindAllStringSubmatch(page, -1) {
		if slices.Contains(ids, m[1]) {
			t.Errorf("%s: the id %q stands twice", address, m[1])
		}
		ids = append(ids, m[1])
	}
	for _, m := range pointers.FindAllStringSubmatch(page, -1) {
		if strings.HasPrefix(m[0], "href") && !strings.HasPrefix(m[1], "#") {
			continue
		}
		for _, id := range strings.Fields(strings.TrimPrefix(m[1], "#")) {
			if !slices.Contains(ids, id) {
				t.Errorf("%s: %s points at nothing", address, m[0])
			}
		}
	}
	for _, m := range selects.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `<label for="`+m[1]+`"`) {
			t.Errorf("%s: the choice %q has no label", address, m[1])
		}
	}
}

// TestContrast computes the contrast of the palette as WCAG 2.1 does: 4.5 for
// text, 3 for what is drawn.
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("../internal/look/static/brume.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string]string{"hills": "#c2d3e6", "shade": "#f0f3f8", "notice": "#3d2900"} // hills.svg, the darkest; .off-ground; .notice
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]+);`).FindAllStringSubmatch(string(css), -1) {
		colours[m[1]] = m[2]
	}
	for _, pair := range []struct {
		front, back string
		least       float64
	}{
		{"ink", "paper", 4.5}, {"ink", "mist", 4.5}, {"ink", "hills", 4.5}, {"deep", "paper", 4.5}, {"deep", "hills", 4.5},
		{"soft", "paper", 4.5}, {"soft", "mist", 4.5}, {"soft", "shade", 4.5}, {"soft", "hills", 3}, // on the hills: arrows only
		{"blue", "paper", 4.5}, {"blue", "mist", 4.5}, {"paper", "blue", 4.5}, {"paper", "deep", 4.5},
		{"other1", "paper", 4.5}, {"other2", "paper", 4.5}, {"other1", "shade", 4.5}, {"other2", "shade", 4.5},
		{"other1", "band", 3}, {"other2", "band", 3}, {"blue", "band", 3}, {"deep", "band", 3}, {"faint", "paper", 3},
		{"blue", "haze", 3}, {"warn", "warn-ground", 4.5}, {"notice", "warn-ground", 4.5},
	} {
		if got := contrast(t, colours[pair.front], colours[pair.back]); got < pair.least {
			t.Errorf("%s on %s: contrast %.2f, want %.1f", pair.front, pair.back, got, pair.least)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light, dark := luminance(t, a), luminance(t, b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) == 4 { // #abc
		colour = "#" + colour[1:2] + colour[1:2] + colour[2:3] + colour[2:3] + colour[3:] + colour[3:]
	}
	rgb, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil || len(colour) != 7 {
		t.Fatalf("colour %q: %v", colour, err)
	}
	sum := 0.0
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} { // blue, green, red
		c := float64(rgb>>(8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
