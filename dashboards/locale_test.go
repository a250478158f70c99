package dashboards

import (
	"io/fs"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brume/aggregate/query"
)

func locales(t *testing.T) (fr, en *locale) {
	t.Helper()
	fr, err := newLocale("fr", "")
	if err != nil {
		t.Fatal(err)
	}
	if en, err = newLocale("en", "/en"); err != nil {
		t.Fatal(err)
	}
	return fr, en
}

// plain shows no-break spaces as "_" and narrow ones as "~".
var plain = strings.NewReplacer("\u00a0", "_", "\u202f", "~")

// TestTexts: both languages have the same keys with the same verbs, and each
// key that a template names exists.
func TestTexts(t *testing.T) {
	fr, en := locales(t)
	verbs := regexp.MustCompile(`%[sd%]`)
	for key, text := range fr.Texts {
		other, ok := en.Texts[key]
		if !ok {
			t.Errorf("%q is missing in English", key)
			continue
		}
		if got, want := verbs.FindAllString(other, -1), verbs.FindAllString(text, -1); !slices.Equal(slices.DeleteFunc(got, isPercent), slices.DeleteFunc(want, isPercent)) {
			t.Errorf("%q has the verbs %v in English, %v in French", key, got, want)
		}
	}
	for key := range en.Texts {
		if _, ok := fr.Texts[key]; !ok {
			t.Errorf("%q is missing in French", key)
		}
	}
	named := regexp.MustCompile(`\bt "([^"]+)"`)
	files, err := fs.Glob(web, "web/templates/*.html")
	if err != nil || len(files) < 7 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, _ := fs.ReadFile(web, file)
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if _, ok := fr.Texts[m[1]]; !ok {
				t.Errorf("%s names the unknown text %q", file, m[1])
			}
		}
	}
}

func isPercent(verb string) bool { return verb == "%%" }

func TestNumbers(t *testing.T) {
	fr, en := locales(t)
	for _, c := range []struct {
		v        float64
		decimals int
		fr, en   string
	}{
		{0, 0, "0", "0"}, {999, 0, "999", "999"}, {1240, 0, "1~240", "1,240"},
		{1234567.25, 1, "1~234~567,2", "1,234,567.2"}, {-1500, 0, "−1~500", "−1,500"}, {-0.01, 1, "0,0", "0.0"},
	} {
		if got := plain.Replace(fr.Number(c.v, c.decimals)); got != c.fr {
			t.Errorf("French %v: got %q, want %q", c.v, got, c.fr)
		}
		if got := en.Number(c.v, c.decimals); got != c.en {
			t.Errorf("English %v: got %q, want %q", c.v, got, c.en)
		}
	}
}

func TestWeeks(t *testing.T) {
	fr, en := locales(t)
	for day, want := range map[string][2]string{
		"2026-09-14": {"du 14 au 20_septembre 2026", "14 to 20_September 2026"},
		"2026-09-28": {"du 28_septembre au 4_octobre 2026", "28_September to 4_October 2026"},
		"2026-12-28": {"du 28_décembre 2026 au 3_janvier 2027", "28_December 2026 to 3_January 2027"},
		"2027-02-01": {"du 1er au 7_février 2027", "1 to 7_February 2027"},
	} {
		d, _ := time.Parse(time.DateOnly, day)
		if diff := cmp.Diff([2]string{plain.Replace(fr.week(d)), plain.Replace(en.week(d))}, want); diff != "" {
			t.Errorf("%s (-got, +want):\n%s", day, diff)
		}
	}
}

func figure(value, half float64, state query.State) query.Figure {
	return query.Figure{Value: value, Sigma: half / 1.96, Low: value - half, High: value + half, State: state}
}

func TestSpeak(t *testing.T) {
	fr, en := locales(t)
	for _, c := range []struct {
		name   string
		f      query.Figure
		m      query.Measure
		fr, en string
	}{
		{"count", figure(1243, 49, query.Published), query.Active,
			"environ 1~240 élèves (entre 1~190 et 1~300)", "about 1,240 pupils (between 1,190 and 1,300)"},
		{"national", figure(2_345_678, 5_400, query.Published), query.Active,
			"environ 2~346~000 élèves (entre 2~340~000 et 2~352~000)", "about 2,346,000 pupils (between 2,340,000 and 2,352,000)"},
		{"rate", figure(0.4237, 0.031, query.Published), query.ActiveShare,
			"environ 42_% des élèves (entre 39_% et 46_%)", "about 42% of pupils (between 39% and 46%)"},
		{"fine rate", figure(0.4237, 0.0131, query.Published), query.SuccessRate,
			"environ 42,4_% de réussite (entre 41,0_% et 43,7_%)", "about 42.4% passed (between 41.0% and 43.7%)"},
		{"below zero", figure(-7, 29, query.Unreliable), query.Active,
			"entre 0 et 30 élèves", "between 0 and 30 pupils"},
		{"above all", figure(0.98, 0.11, query.Unreliable), query.SuccessRate,
			"entre 87_% et 100_% de réussite", "between 87% and 100% passed"},
		{"masked", query.Figure{State: query.Masked}, query.Active,
			"valeur masquée pour protéger les élèves", "value masked to protect pupils"},
		{"none", query.Figure{State: query.NoData}, query.Active, "sans donnée", "no data"},
	} {
		if got := plain.Replace(fr.sentence(fr.speak(c.f, c.m))); got != c.fr {
			t.Errorf("%s, French: got %q, want %q", c.name, got, c.fr)
		}
		if got := en.sentence(en.speak(c.f, c.m)); got != c.en {
			t.Errorf("%s, English: got %q, want %q", c.name, got, c.en)
		}
	}
}

func TestChange(t *testing.T) {
	fr, _ := locales(t)
	now := figure(1300, 30, query.Published)
	for name, c := range map[string]struct {
		change query.Change
		m      query.Measure
		want   string
	}{
		"up":        {query.Difference(now, figure(1100, 30, query.Published)), query.Active, "En hausse d’environ 200 sur une semaine_: l’écart dépasse le bruit."},
		"one point": {query.Change{Delta: -0.011, Low: -0.02, High: -0.002, Valid: true}, query.ActiveShare, "En baisse d’environ 1,1 point sur une semaine_: l’écart dépasse le bruit."},
		"noise":     {query.Difference(now, figure(1290, 30, query.Published)), query.Active, "Par rapport à la semaine précédente, on ne peut pas conclure_: l’écart ne dépasse pas le bruit."},
		"first":     {query.Change{}, query.Active, "Pas de semaine précédente à comparer."},
	} {
		if got := plain.Replace(fr.change(c.change, c.m).Text); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestBetween: weeks over other departments are not compared, nor is a week that
// lost statements with any other; nothing is said of longer ago either.
func TestBetween(t *testing.T) {
	fr, en := locales(t)
	whole := query.Point{Parts: 3, Enrolment: 900, Figure: figure(1300, 30, query.Published)}
	elsewhere, lost := whole, whole
	elsewhere.Parts, lost.Incomplete = 2, true
	for _, c := range []struct {
		name        string
		now, before query.Point
		fr, en      string
	}{
		{"same", whole, whole, "on ne peut pas conclure", "no conclusion"},
		{"perimeter", whole, elsewhere, "ne couvrent pas les mêmes départements", "do not cover the same departments"},
		{"latest lost", lost, whole, "est incomplète", "is incomplete"},
		{"previous lost", whole, lost, "est incomplète", "is incomplete"},
		{"both", lost, elsewhere, "est incomplète", "is incomplete"},
	} {
		for l, want := range map[*locale]string{fr: c.fr, en: c.en} {
			got := l.between(c.now, c.before, c.now.Figure, c.before.Figure, query.Active)
			if !strings.Contains(got.Text, want) || (got.Kind == "none") != (c.name != "same") {
				t.Errorf("%s: got %+v, want %q", c.name, got, want)
			}
			if got := l.since(c.now, c.before, query.Active); (got == "") != (c.name != "same") {
				t.Errorf("%s: since says %q", c.name, got)
			}
		}
	}
}

// TestRightGuesses: Φ(μ/2), rounded up; the second value is that of ε = 4 and
// δ = 1e-9.
func TestRightGuesses(t *testing.T) {
	for mu, want := range map[float64]float64{0: 0.5, 0.6721: 0.632, 2: 0.842} {
		if got := rightGuesses(mu); math.Abs(got-want) > 1e-9 {
			t.Errorf("μ = %v: got %v, want %v", mu, got, want)
		}
	}
}

// TestCompareBlurred: two rates known only by their ranges are not compared,
// however far apart their estimates are; two counts may be.
func TestCompareBlurred(t *testing.T) {
	fr, _ := locales(t)
	now, before := figure(0.2, 0.15, query.Unreliable), figure(0.9, 0.15, query.Unreliable)
	if got := fr.compare(now, before, query.SuccessRate); got.Kind != "noise" {
		t.Errorf("rates: %+v", got)
	}
	now, before = figure(200, 100, query.Unreliable), figure(900, 100, query.Unreliable)
	if got := fr.compare(now, before, query.Active); got.Kind != "down" {
		t.Errorf("counts: %+v", got)
	}
	week := query.Point{Figure: figure(0.2, 0.01, query.Published)}
	then := query.Point{Figure: figure(0.5, 0.01, query.Published)}
	if got := fr.since(week, then, query.SuccessRate); !strings.Contains(got, "en baisse") {
		t.Errorf("since: %q", got)
	}
	week.State = query.Unreliable
	if got := fr.since(week, then, query.SuccessRate); got != "" {
		t.Errorf("since, unreliable: %q", got)
	}
}
