package dashboards_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"brume/dashboards"
	"brume/schemas/registry"
)

// screens are the pages that stand in docs/screens.
var screens = []struct{ name, path string }{
	{"overview", "/"},
	{"department", "/?area=13"},
	{"trend", "/trend?area=13&measure=active_share"},
	{"trend-nation", "/trend?area=france&measure=active"},
	{"school", "/?area=" + registry.DemonstrationLycee.String()},
	{"transparency", "/transparency"},
	{"method", "/method"},
	{"not-found", "/nowhere"},
}

// TestScreens writes a picture of every page, in both languages, wide and
// narrow, into BRUME_SCREENS_DIR: of the site at BRUME_SCREENS_URL, or of an
// invented year when there is none. It fails on a page that scrolls sideways.
func TestScreens(t *testing.T) {
	dir := os.Getenv("BRUME_SCREENS_DIR")
	if dir == "" {
		t.Skip("BRUME_SCREENS_DIR is not set: it names the directory for the pictures")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	base := os.Getenv("BRUME_SCREENS_URL")
	if base == "" {
		fill(t, 30)
		cfg := dashboards.DefaultConfig()
		cfg.Demo = true
		site := httptest.NewServer(serve(t, cfg).Handler())
		defer site.Close()
		base = site.URL
	}
	browser := chrome(t)
	for _, screen := range screens {
		for _, lang := range []string{"fr", "en"} {
			path := screen.path
			if lang == "en" {
				path = "/en" + path
			}
			for _, width := range []int64{1280, 360} {
				name := screen.name + "." + lang
				if width < 500 {
					name += ".phone"
				}
				shoot(t, browser, strings.TrimSuffix(base, "/")+path, width, filepath.Join(dir, name+".png"))
			}
		}
	}
}

func chrome(t *testing.T) context.Context {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-background-networking", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, quit := chromedp.NewContext(allocator)
	t.Cleanup(quit)
	if err := chromedp.Do(browser); err != nil { // the browser lives as long as the context of its first use
		t.Fatal(err)
	}
	return browser
}

func shoot(t *testing.T, browser context.Context, url string, width int64, file string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, 60*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(url)); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	content, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	if content > width {
		t.Errorf("%s: %d pixels wide in a window of %d", url, content, width)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}
