// Package browser gives tests a real Chromium.
package browser

import (
	"context"
	"errors"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"

	"brume/internal/testenv"
)

// Start starts a Chromium that speaks to nobody but the pages it is sent to,
// and ends it with the test.
func Start(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
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
	if err != nil {
		t.Fatal(err)
	}
	return browser
}
