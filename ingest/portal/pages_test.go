package portal_test

import (
	"encoding/json/v2"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"brume/ingest"
	"brume/ingest/portal"
	"brume/ingest/publishers"
	"brume/schemas/quality"
	"brume/schemas/topics"
)

const wrong = `{"actor":{"account":{"homePage":"https://ent.example","name":"zyxcanaryzyx"}},"verb":{"id":"http://adlnet.gov/expapi/verbs/answered","display":{"zyxcanaryzyx":"zyxcanaryzyx"}},` +
	`"object":{"id":"https://calcul.example/exercise/12"},"result":{"score":{"scaled":2},"extensions":{"https://zyxcanaryzyx.example":4711}},"zyxcanaryzyx":1}`

// filled has some weeks behind it: the publisher calcul did well and badly, its
// sandbox key badly, and orthographe something else.
func filled(t *testing.T) *site {
	t.Helper()
	s := newSite(t, nil)
	now := time.Now()
	for day := range 20 {
		n := int64(40 + 37*(day*day%11))
		s.tell(quality.Intake{Publisher: "calcul", Until: now.AddDate(0, 0, -day-1), Last: now.AddDate(0, 0, -day-1), Accepted: n, Refused: n / 9, Postponed: int64(day),
			ByCode: map[string]int64{"format.timestamp": n / 10, "property.missing": n/9 - n/10, "unavailable.broker": int64(day)}, Dropped: map[string]int64{"teacher": 2}, Unmapped: map[string]int64{"school": 3, "verb": 1}})
	}
	s.tell(quality.Folding{Service: quality.Service, Next: 9, Until: now, Publishers: map[uint16]*quality.Fate{
		1: {Folded: 2400, Duplicates: 31, Late: 12, Dropped: map[string]int64{"too_late": 4}}, 2: {Folded: 777777}}})
	s.tell(quality.Intake{Publisher: "orthographe", Until: now, Last: now, Accepted: 888888})
	for range 3 {
		s.post("["+statement+"]", s.one)
	}
	s.post("["+statement+","+wrong+"]", s.one)
	s.post(`{"actor":`, s.one)
	s.post("["+statement+"]", s.sandbox)
	s.post(wrong, s.sandbox)
	s.eventually("figures", func() bool {
		f := s.figures(s.one)
		return f.Production.LastDay.Received >= 5 && f.Sandbox.LastDay.Received == 2 && f.Production.Year.Folded > 0
	})
	return s
}

// tell writes a record to the topic quality.
func (s *site) tell(v any) {
	s.Helper()
	text, err := json.Marshal(v)
	check(s.T, err)
	check(s.T, s.kafka.Produce(s.Context(), topics.Quality, 0, text))
}

func (s *site) figures(key publishers.Issued) (f portal.Figures) {
	s.Helper()
	status, _, text := s.get("/publishers/quality.json", key)
	if status != http.StatusOK {
		s.Fatalf("%d %s", status, text)
	}
	check(s.T, json.Unmarshal([]byte(text), &f, json.RejectUnknownMembers(true)))
	return f
}

func reason(list []portal.Reason, code string) portal.Reason {
	for _, r := range list {
		if r.Code == code {
			return r
		}
	}
	return portal.Reason{}
}

func TestFigures(t *testing.T) {
	s := filled(t)
	f := s.figures(s.one)
	if f.Publisher != "calcul" || !f.Complete || len(f.Production.Days) != 14 || f.Production.Days[13].Refused != 2 || f.Production.Days[13].Accepted != 3 {
		t.Errorf("%+v", f)
	}
	if p := f.Production.Fortnight; p.Received != p.Accepted+p.Refused || p.Folded != 2400 || p.Duplicates != 31 || p.Late != 12 || p.Unmapped["verb"] != 13 {
		t.Errorf("%+v", p)
	}
	sample := reason(f.Production.LastDay.Reasons, "format.language").Sample
	if sample == nil || sample.Pointer != "/1/verb/display" || !strings.Contains(sample.Skeleton, `"extensions":"object of 1"`) {
		t.Errorf("sample %+v", sample)
	}
	if got := reason(f.Production.LastDay.Reasons, "json.syntax").Explanation; !strings.Contains(got, "bien formé") {
		t.Errorf("explanation %q", got)
	}
	if f.Sandbox.LastDay.Accepted != 1 || f.Sandbox.LastDay.Refused != 1 || f.Sandbox.Year.Folded != 0 {
		t.Errorf("%+v", f.Sandbox)
	}
}

// A publisher sees its own figures only, with a live key only, and nothing of
// what the statements hold.
func TestOwnFiguresOnly(t *testing.T) {
	s := filled(t)
	for _, path := range []string{"/publishers/quality", "/publishers/quality.json", "/publishers/quality?lang=en"} {
		for _, key := range []publishers.Issued{{}, {Key: s.one.Key, Secret: s.other.Secret}, {Key: publishers.Key{ID: "bk-x"}, Secret: "x"}} {
			status, h, text := s.get(path, key)
			if status != http.StatusUnauthorized || !strings.HasPrefix(h.Get("WWW-Authenticate"), "Basic ") || strings.Contains(text, "calcul") {
				t.Errorf("%s without a key: %d %s", path, status, text)
			}
		}
		_, h, text := s.get(path, s.one)
		for _, theirs := range []string{"orthographe", "888888", "888 888", "888,888", "777777", "777 777", "777,777"} {
			if strings.Contains(strings.ReplaceAll(text, "\u202f", " "), theirs) {
				t.Errorf("%s holds %q", path, theirs)
			}
		}
		if strings.Contains(text, "zyxcanaryzyx") || strings.Contains(text, "4711") {
			t.Errorf("%s holds what a statement held", path)
		}
		if got := h.Get("Cache-Control"); got != "private, no-store" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
	if status, _, text := s.get("/publishers/quality.json?secret=x", s.one); status != http.StatusBadRequest || !strings.Contains(text, "request.credentials") {
		t.Errorf("a secret in the address: %d %s", status, text)
	}
}

// The status page is for everybody, and says nothing of any publisher.
func TestStatus(t *testing.T) {
	s := filled(t)
	_, _, text := s.get("/publishers/status.json", publishers.Issued{})
	var got portal.Status
	check(t, json.Unmarshal([]byte(text), &got, json.RejectUnknownMembers(true)))
	if since, err := time.Parse(time.RFC3339, got.Since); err != nil || time.Since(since) > time.Minute || !got.Taking || got.Limits.Batch != 1000 || len(got.Versions) != 5 || got.ReadbackSeconds != 900 {
		t.Errorf("%+v", got)
	}
	for _, path := range []string{"/publishers/status", "/publishers/status.json"} {
		if _, _, text := s.get(path, s.one); strings.Contains(text, "calcul") || strings.Contains(text, "orthographe") {
			t.Errorf("%s names a publisher", path)
		}
	}
	if _, _, text := s.get("/publishers/status", publishers.Issued{}); !strings.Contains(text, "Les déclarations sont prises") || !strings.Contains(html.UnescapeString(text), "1\u202f000 déclarations") {
		t.Error(text)
	}
}

// Limits are those of the running configuration.
func TestLimitsAreTheServers(t *testing.T) {
	s := newSite(t, func(c *ingest.Config) { c.Batch, c.Readback, c.Depth = 77, 0, 13 })
	for path, want := range map[string][]string{
		"/publishers/":               {"Jusqu’à 77 dans", "La relecture est désactivée", "13 niveaux", "8 Mio"},
		"/publishers/?lang=en":       {"Up to 77 in", "Reading back is switched off", "13 levels", "8 MiB"},
		"/publishers/status?lang=en": {"77 statements", "switched off"},
	} {
		_, _, text := s.get(path, publishers.Issued{})
		for _, w := range want {
			if !strings.Contains(strings.ReplaceAll(html.UnescapeString(text), "\u00a0", " "), w) {
				t.Errorf("%s: %q not found", path, w)
			}
		}
	}
}

var (
	foreign  = regexp.MustCompile(`(?i)(src|href|action)="(https?:)?//|<script|<style|\sstyle=|\son[a-z]+=|javascript:`)
	headings = regexp.MustCompile(`<h([1-6])[ >]`)
	ids      = regexp.MustCompile(`\sid="([^"]+)"`)
	pointers = regexp.MustCompile(`(?:aria-labelledby="|href="#)([^"]+)"`)
	leftover = regexp.MustCompile(`>[a-z_]+\.[a-z._]+<|%!|<no value>|nil`)
)

// TestStructure: what a screen reader lives by, on every page, and nothing
// from elsewhere.
func TestStructure(t *testing.T) {
	s := filled(t)
	for _, path := range []string{"/publishers/", "/publishers/quality", "/publishers/status", "/publishers/nowhere"} {
		for _, lang := range []string{"", "?lang=en", "?lang=%22%3E%3Cscript%3E"} {
			_, h, page := s.get(path+lang, s.one)
			address := path + lang
			for _, part := range []string{`<html lang="`, `<header`, `<main id="content"`, `<footer`, `href="#content"`, "<h1"} {
				if n := strings.Count(page, part); n != 1 {
					t.Errorf("%s has %d × %s", address, n, part)
				}
			}
			if found := foreign.FindString(page); found != "" {
				t.Errorf("%s holds %s", address, found)
			}
			if found := leftover.FindString(strings.ReplaceAll(page, "<code>", "")); found != "" && !strings.Contains(found, "json.") {
				t.Errorf("%s: a text is missing: %s", address, found)
			}
			if policy := h.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'self';") {
				t.Errorf("%s: policy %q", address, policy)
			}
			checkHeadings(t, address, page)
			checkPointers(t, address, page)
		}
	}
}

func checkHeadings(t *testing.T, address, page string) {
	t.Helper()
	last := "0"
	for _, m := range headings.FindAllStringSubmatch(page, -1) {
		if m[1][0] > last[0]+1 {
			t.Errorf("%s: heading %s follows heading %s", address, m[1], last)
		}
		last = m[1]
	}
}

// checkPointers: ids are unique, and what points at one finds it.
func checkPointers(t *testing.T, address, page string) {
	t.Helper()
	known := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(page, -1) {
		if known[m[1]] {
			t.Errorf("%s: the id %q stands twice", address, m[1])
		}
		known[m[1]] = true
	}
	for _, m := range pointers.FindAllStringSubmatch(page, -1) {
		if !known[m[1]] {
			t.Errorf("%s: %s points at nothing", address, m[0])
		}
	}
}
