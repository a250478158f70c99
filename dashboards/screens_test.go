package dashboards_test

import (
	"bytes"
	"cmp"
	"context"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"brume/dashboards"
	"brume/internal/testenv/browser"
	"brume/schemas/registry"
)

// screens are the pictures in docs/screens.
var screens = []struct {
	name, path string
	width      int64
}{
	{"overview-fr", "/", 1280}, {"overview-en", "/en/", 1280}, {"overview-fr-phone", "/", 360},
	{"trend-fr", "/trend", 1280}, {"trend-en", "/en/trend", 1280}, {"trend-fr-phone", "/trend", 360},
	{"trend-nation-fr", "/trend?area=france&measure=active", 1280},
	{"school-fr", "/?area=" + registry.DemonstrationLycee.String(), 1280},
	{"transparency-fr", "/transparency", 1280}, {"transparency-en", "/en/transparency", 1280},
	{"method-fr", "/method", 1280},
}

// narrow are the pages that must not scroll sideways at 320 pixels, which is
// 1280 enlarged four times.
var narrow = []string{"/", "/trend", "/trend?area=france&measure=attempts", "/?area=" + registry.DemonstrationLycee.String(), "/transparency", "/method", "/nowhere"}

// TestScreens opens the pages in a real browser, fails on one that scrolls
// sideways, and writes pictures of them into BRUME_SCREENS_DIR if it is set: of
// the site at BRUME_SCREENS_URL, or of an invented year when there is none.
func TestScreens(t *testing.T) {
	dir := cmp.Or(os.Getenv("BRUME_SCREENS_DIR"), t.TempDir())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(os.Getenv("BRUME_SCREENS_URL"), "/")
	if base == "" {
		fill(t, 30)
		cfg := dashboards.DefaultConfig()
		cfg.Demo = true
		site := httptest.NewServer(serve(t, cfg).Handler())
		defer site.Close()
		base = site.URL
	}
	chrome := browser.Start(t)
	for _, path := range narrow {
		open320(t, chrome, base+path)
		open320(t, chrome, base+"/en"+path)
	}
	for _, screen := range screens {
		shoot(t, chrome, base+screen.path, screen.width, filepath.Join(dir, screen.name+".png"))
	}
}

func open320(t *testing.T, chrome context.Context, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(chrome, 60*time.Second)
	defer cancel()
	visit(t, ctx, url, 320)
}

// visit opens a page in a window of the given width, into which it must fit.
func visit(t *testing.T, ctx context.Context, url string, width int64) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(url)); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	content, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	if content > width {
		t.Errorf("%s: %d pixels wide in a window of %d", url, content, width)
	}
}

func shoot(t *testing.T, chrome context.Context, url string, width int64, file string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(chrome, 60*time.Second)
	defer cancel()
	visit(t, ctx, url, width)
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, fewColours(img)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, small.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fewColours keeps 256 of a picture's colours, the frequent ones and those
// that are far from them, and replaces the rest by the nearest: a third of the
// bytes, and nobody sees it.
func fewColours(img image.Image) image.Image {
	size := img.Bounds()
	count := map[color.Color]int{}
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			count[img.At(x, y)]++
		}
	}
	frequent := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return count[b] - count[a] })
	var palette color.Palette
	for apart := 6; len(palette) == 0 || len(palette) > 256; apart += 2 {
		palette = spread(frequent, apart)
	}
	index := map[color.Color]uint8{}
	for c := range count {
		index[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(size, palette)
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			out.SetColorIndex(x, y, index[img.At(x, y)])
		}
	}
	return out
}

// spread leaves out each colour that is near one before it.
func spread(colours []color.Color, apart int) (palette color.Palette) {
	for _, c := range colours {
		if len(palette) == 0 || distance(palette.Convert(c), c) > apart*apart {
			palette = append(palette, c)
		}
	}
	return palette
}

func distance(a, b color.Color) int {
	x, y := color.RGBAModel.Convert(a).(color.RGBA), color.RGBAModel.Convert(b).(color.RGBA)
	r, g, blue := int(x.R)-int(y.R), int(x.G)-int(y.G), int(x.B)-int(y.B)
	return r*r + g*g + blue*blue
}
