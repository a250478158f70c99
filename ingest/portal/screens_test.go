package portal_test

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"brume/internal/testenv"
)

// TestScreens opens every page in a real browser in both languages, fails on
// one that scrolls sideways, and writes pictures into BRUME_SCREENS_DIR.
func TestScreens(t *testing.T) {
	s := filled(t)
	dir := cmp.Or(os.Getenv("BRUME_SCREENS_DIR"), t.TempDir())
	check(t, os.MkdirAll(dir, 0o755))
	browser := chrome(t)
	quality := strings.Replace(s.url, "://", "://"+s.one.Key.ID+":"+s.one.Secret+"@", 1)
	for name, address := range map[string]string{
		"documentation": s.url + "/publishers/", "status": s.url + "/publishers/status", "quality": quality + "/publishers/quality",
		"error": s.url + "/publishers/nowhere",
	} {
		for _, lang := range []string{"fr", "en"} {
			for _, width := range []int64{1280, 720, 360, 320} {
				file := ""
				switch width {
				case 1280:
					file = "publishers-" + name + "-" + lang
				case 360:
					file = "publishers-" + name + "-" + lang + "-phone"
				case 720:
					file = "publishers-" + name + "-" + lang + "-tablet"
				}
				visit(t, browser, address+"?lang="+lang, width, file, dir)
			}
		}
	}
}

func chrome(t *testing.T) context.Context {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-background-networking", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, quit := chromedp.NewContext(allocator)
	t.Cleanup(quit)
	err := chromedp.Do(browser) // the browser lives as long as the context of its first use
	if errors.Is(err, exec.ErrNotFound) {
		testenv.Missing(t, "no browser: install chromium")
	}
	check(t, err)
	return browser
}

// visit opens a page in a window of the given width, into which it must fit.
func visit(t *testing.T, browser context.Context, address string, width int64, file, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, 60*time.Second)
	defer cancel()
	page := address[strings.LastIndex(address, "/"):]
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(address)); err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	if width == 320 || width == 720 { // with everything open
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.querySelectorAll('details').forEach(d => d.open = true), true")); err != nil {
			t.Fatalf("%s: %v", page, err)
		}
	}
	if content, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); err != nil || content > width {
		t.Errorf("%s: %d pixels wide in a window of %d, %v", page, content, width, err)
	}
	if file == "" {
		return
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	check(t, os.WriteFile(filepath.Join(dir, file+".png"), picture, 0o644))
}
