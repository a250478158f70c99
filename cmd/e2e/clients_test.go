package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"brume/internal/testenv"
	"brume/internal/testenv/browser"
)

// report is what a scenario of testdata/clients says of itself.
type report struct {
	Steps []struct {
		Name  string `json:"name"`
		Error string `json:"error"`
	} `json:"steps"`
	Sent int64 `json:"sent"` // statements acknowledged
}

// clients are the libraries that real tools send with, as they are on npm.
var clients = []struct {
	scenario string
	node     bool   // in Node.js, too
	script   string // for browsers
	mapping  string
	steps    int // at least, in a browser
}{
	{"tincan", true, "tincanjs/build/tincan-min.js", "generic", 12},
	{"xapi", true, "@xapi/xapi/dist/XAPI.umd.js", "generic", 20},
	{"adl", false, "xapiwrapper/dist/xapiwrapper.min.js", "generic", 9},
	{"h5p", false, "h5p-standalone/dist/main.bundle.js", "generic", 3},
}

// ★ The client libraries of real tools work unmodified, in Node.js and in a
// Chromium on a page of another origin: every step of their scenarios succeeds,
// and what was acknowledged is accepted and folded.
func TestRealClients(t *testing.T) {
	packages := testenv.Clients(t)
	data := filepath.Join(t.TempDir(), "data")
	_, out := start(t, nil, "brume", "serve", "--data", data, "--listen", "127.0.0.1:0")
	at := addresses(t, out)
	awaitEndpoint(t, at["xAPI"])
	pages := httptest.NewServer(clientPages(packages))
	t.Cleanup(pages.Close)
	for _, c := range clients {
		t.Run(c.scenario, func(t *testing.T) {
			k := decode[credentials](t, output(t, "brume", "publishers", "add", c.scenario, "--mapping", c.mapping, "--json", "--data", data))
			until(t, 10*time.Second, "the new key is known", func() bool {
				return post(t, at["xAPI"], k, "[]") != http.StatusUnauthorized
			})
			before := metrics(body(t.Context(), at["metrics"]))
			var sent int64
			t.Run("browser", func(t *testing.T) {
				sent += inBrowser(t, pages.URL, c.scenario, c.script, at["xAPI"], k, c.steps)
			})
			if c.node {
				t.Run("node", func(t *testing.T) { sent += inNode(t, packages, c.scenario, at["xAPI"], k) })
			}
			settles(t, at["metrics"], before, sent)
		})
	}
}

// settles requires that what was sent is accepted and comes to its end: most of
// it is folded. A statement that voids another is not a pupil's work, and an
// address is no identifier of the policy.
func settles(t *testing.T, url string, before tally, sent int64) {
	t.Helper()
	if sent == 0 {
		t.Error("no statement was acknowledged")
	}
	var n tally
	until(t, 30*time.Second, "what was acknowledged is folded", func() bool {
		n = metrics(body(t.Context(), url))
		return n.Folded+n.Dropped-before.Folded-before.Dropped == sent
	})
	folded := n.Folded - before.Folded
	if n.Accepted-before.Accepted != sent || folded < sent/2 {
		t.Errorf("%d sent: before %+v, after %+v", sent, before, n)
	}
	t.Logf("%d sent, %d accepted, %d folded", sent, n.Accepted-before.Accepted, folded)
}

// inNode runs a scenario in Node.js and returns how many statements it sent.
func inNode(t *testing.T, packages, scenario, endpoint string, k credentials) int64 {
	t.Helper()
	c := exec.CommandContext(t.Context(), testenv.Node(t), "testdata/clients/node.js", packages, scenario, endpoint, k.Key, k.Secret)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return judge(t, decode[report](t, []byte(lines[len(lines)-1])), 1)
}

// inBrowser runs a scenario in Chromium, on a page that is not the endpoint's.
func inBrowser(t *testing.T, pages, scenario, script, endpoint string, k credentials, steps int) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser.Start(t), 2*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(pages+"/page?scenario="+scenario+"&script="+script)); err != nil {
		t.Fatal(err)
	}
	run := fmt.Sprintf("scenario({endpoint: %q, key: %q, secret: %q, browser: true}).then(JSON.stringify)", endpoint, k.Key, k.Secret)
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](run, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return judge(t, decode[report](t, []byte(text)), steps)
}

func judge(t *testing.T, r report, steps int) int64 {
	t.Helper()
	if len(r.Steps) < steps {
		t.Errorf("%d steps, want %d", len(r.Steps), steps)
	}
	for _, s := range r.Steps {
		if s.Error != "" {
			t.Errorf("%s: %s", s.Name, s.Error)
		}
	}
	return r.Sent
}

// clientPages serves the libraries, the scenarios and an empty page with both.
func clientPages(packages string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("testdata/clients")))
	mux.Handle("/packages/", http.StripPrefix("/packages/", http.FileServer(http.Dir(packages))))
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<!doctype html><meta charset="utf-8"><title>client</title><script src="/packages/%s"></script><script src="/steps.js"></script><script src="/%s.js"></script>`,
			r.FormValue("script"), r.FormValue("scenario"))
	})
	return mux
}
