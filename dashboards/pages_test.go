package dashboards_test

import (
	"flag"
	"html"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/dashboards"
	"brume/internal/clickhouse"
	"brume/internal/testenv"
	"brume/schemas/registry"
)

var update = flag.Bool("update", false, "write the golden pages anew")

var assetHash = regexp.MustCompile(`/static/([a-z]+)\.[0-9a-f]{12}`)

// TestGolden compares whole pages with testdata: what stands there is what a
// reader gets. `go test ./dashboards -update` writes them anew.
func TestGolden(t *testing.T) {
	fill(t, 9)
	s := serve(t, dashboards.DefaultConfig())
	for name, address := range map[string]string{
		"overview.fr":     "/?area=13",
		"overview.en":     "/en/?area=13",
		"trend.fr":        "/trend?area=13",
		"trend.en":        "/en/trend?area=france&measure=success_rate&subject=mathematiques",
		"transparency.fr": "/transparency",
		"transparency.en": "/en/transparency",
		"method.fr":       "/method",
		"method.en":       "/en/method",
		"not-found.fr":    "/nowhere",
	} {
		_, body := get(t, s, address)
		body = assetHash.ReplaceAllString(body, "/static/$1.HASH")
		file := filepath.Join("testdata", name+".html")
		if *update {
			if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(body, "\n"), strings.Split(string(want), "\n")); diff != "" {
			t.Errorf("%s (-got, +want):\n%s", name, diff)
		}
	}
}

func TestFilters(t *testing.T) {
	fill(t, 9)
	s := serve(t, dashboards.DefaultConfig())
	school := registry.Demonstration(0).Schools[3].UAI.String()
	tiny := registry.Demonstration(0).Schools[0].UAI.String()
	const unknown = "ce filtre est ignoré"
	for address, want := range map[string]string{
		"/trend":                                   "Part des élèves actifs chaque semaine, France",
		"/trend?area=13&level=6e":                  "le nombre d’élèves actifs plutôt que leur part",
		"/trend?area=ac-lyon&measure=active":       "Académie : Lyon",
		"/trend?area=other":                        "effectif de ce périmètre n’est pas connu",
		"/trend?area=" + school:                    "Part des élèves actifs chaque semaine, Collège",
		"/trend?area=" + school + "&level=6e":      "seul le nombre total d’élèves actifs est publié",
		"/trend?area=" + tiny:                      "valeur masquée pour protéger les élèves",
		"/?area=" + tiny:                           "valeur masquée pour protéger les élèves",
		"/trend?measure=attempts&level=6e":         "Les exercices ne sont pas publiés par niveau",
		"/trend?measure=active&subject=francais":   "ne sont pas publiés par discipline",
		"/trend?area=99999":                        unknown,
		"/trend?measure=rank":                      unknown,
		"/trend?year=1066":                         unknown,
		"/?area=%00%ff":                            unknown,
		"/trend?level=" + strings.Repeat("x", 9e3): unknown,
		"/trend?area=13&area=75":                   "Bouches-du-Rhône",
	} {
		w, body := get(t, s, address)
		if w.Code != 200 || !strings.Contains(html.UnescapeString(body), want) {
			t.Errorf("%.60s: status %d, %q not found", address, w.Code, want)
		}
	}
}

func TestScriptsInFiltersAreEscaped(t *testing.T) {
	fill(t, 1)
	s := serve(t, dashboards.DefaultConfig())
	attack := `%22%3E%3Cscript%3Ealert(1)%3C/script%3E`
	for _, path := range []string{"/", "/en/", "/trend", "/transparency", "/method", "/nowhere"} {
		for _, name := range []string{"area", "measure", "level", "subject", "year", "lang"} {
			if _, body := get(t, s, path+"?"+name+"="+attack); strings.Contains(body, "<script") {
				t.Errorf("%s: the value of %s came back as a script", path, name)
			}
		}
	}
	if _, body := get(t, s, "/"+attack); strings.Contains(body, "<script") {
		t.Error("the path came back as a script")
	}
}

// TestNothingFromElsewhere: no page names another host, a script or an inline
// style, and each carries the headers that would stop them.
func TestNothingFromElsewhere(t *testing.T) {
	fill(t, 3)
	s := serve(t, dashboards.DefaultConfig())
	foreign := regexp.MustCompile(`(?i)(src|href|action)="(https?:)?//|<script|<style|\sstyle=|\son[a-z]+=|javascript:`)
	for _, address := range []string{"/", "/trend", "/transparency", "/method", "/nowhere", "/en/", "/en/trend", "/trend.csv"} {
		w, body := get(t, s, address)
		if found := foreign.FindString(body); found != "" {
			t.Errorf("%s holds %s", address, found)
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'self';") {
			t.Errorf("%s: policy %q", address, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", address, name, got, want)
			}
		}
		if len(body) > 200_000 {
			t.Errorf("%s: %d bytes", address, len(body))
		}
	}
}

func TestAssets(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "theme.css"), []byte(":root { --blue: #000091; }"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := dashboards.DefaultConfig()
	cfg.ThemeDir = dir
	s := serve(t, cfg)
	_, page := get(t, s, "/method")
	assets := regexp.MustCompile(`/static/[^"]+`).FindAllString(page, -1)
	if len(assets) != 4 { // two style sheets, the mark as icon and as picture
		t.Errorf("assets: %v", assets)
	}
	for _, address := range assets {
		if w, _ := get(t, s, address); w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d, %s", address, w.Code, w.Header().Get("Cache-Control"))
		}
	}
	if w, _ := get(t, s, "/static/../config.go"); w.Code == 200 {
		t.Error("a file outside the assets is served")
	}
}

func TestEmptyState(t *testing.T) {
	fill(t, 0)
	s := serve(t, dashboards.DefaultConfig())
	for _, path := range []string{"/", "/trend", "/transparency"} {
		if w, body := get(t, s, path); w.Code != 200 || !strings.Contains(body, "Aucune publication pour l’instant") {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}

func TestClickHouseAway(t *testing.T) {
	gone := httptest.NewServer(nil)
	cfg := clickhouse.DefaultConfig()
	cfg.Addr, cfg.User = gone.Listener.Addr().String(), "dashboards"
	gone.Close()
	ch, err := clickhouse.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	s, err := dashboards.New(dashboards.DefaultConfig(), dashboards.Deps{ClickHouse: ch, Log: testenv.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/": "momentanément indisponibles", "/en/trend": "away for a moment"} {
		w, body := get(t, s, path)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(body, want) || !strings.Contains(body, `http-equiv="refresh"`) {
			t.Errorf("%s: status %d, Retry-After %q", path, w.Code, w.Header().Get("Retry-After"))
		}
	}
	if w, _ := get(t, s, "/method"); w.Code != 200 {
		t.Errorf("the method page needs ClickHouse: status %d", w.Code)
	}
	if w, _ := get(t, s, "/trend.csv"); w.Code != 503 {
		t.Errorf("csv: status %d", w.Code)
	}
	if s.Check(t.Context()) == nil {
		t.Error("Check finds ClickHouse")
	}
}

func TestCSV(t *testing.T) {
	fill(t, 2)
	s := serve(t, dashboards.DefaultConfig())
	_, body := get(t, s, "/trend.csv?area=13&measure=active")
	lines := strings.Split(strings.TrimSpace(body), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "2026-2027-w36,2026-W36,2026-08-31,13,active,,,") {
		t.Errorf("got %q", lines)
	}
	tiny := registry.Demonstration(0).Schools[0].UAI.String()
	if _, body := get(t, s, "/trend.csv?area="+tiny); !strings.Contains(body, ",,,,masked,") {
		t.Errorf("masked values in %q", body)
	}
}

func TestConfigReportsAllFaults(t *testing.T) {
	err := dashboards.Config{ThemeDir: "/nonexistent"}.Validate()
	for _, want := range []string{"default_area", "timeout", "theme_dir", "relative_half_width"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
