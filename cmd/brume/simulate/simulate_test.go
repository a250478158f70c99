package simulate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json/jsontext"
	jsonv2 "encoding/json/v2"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"brume/schemas/policy"
	"brume/schemas/registry"
)

// calendar has weeks from the last of August on; zone B is on holiday in the
// third.
type calendar struct{ windows []policy.Window }

func newCalendar(t testing.TB, weeks int) calendar {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	var c calendar
	for i := range weeks {
		c.windows = append(c.windows, policy.Window{Year: "2026-2027", Cadence: policy.Weekly, Label: string(rune('a' + i)), Index: i,
			Start: time.Date(2026, 8, 31+7*i, 0, 0, 0, 0, paris), End: time.Date(2026, 8, 38+7*i, 0, 0, 0, 0, paris)})
	}
	return c
}

func (c calendar) Windows(policy.Cadence) []policy.Window { return c.windows }
func (c calendar) InSession(zone string, w policy.Window) bool {
	return zone != "B" || w.Index != 2
}

func config(t testing.TB, pupils, weeks int) Config {
	return Config{Pupils: pupils, Weeks: weeks, Seed: 1, Registry: registry.Demonstration(0), Calendar: newCalendar(t, 10)}
}

func hash(t *testing.T, cfg Config) ([32]byte, Tally) {
	h := sha256.New()
	tally, err := WriteNDJSON(context.Background(), h, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	return [32]byte(h.Sum(nil)), tally
}

func TestSameSeedSameBytes(t *testing.T) {
	cfg := config(t, 2000, 3)
	first, _ := hash(t, cfg)
	if again, _ := hash(t, cfg); again != first {
		t.Error("the same seed gives other bytes")
	}
	cfg.Seed = 2
	if other, _ := hash(t, cfg); other == first {
		t.Error("another seed gives the same bytes")
	}
}

func TestLongerRunBeginsWithShorter(t *testing.T) {
	var short, long bytes.Buffer
	if _, err := WriteNDJSON(context.Background(), &short, config(t, 500, 3), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteNDJSON(context.Background(), &long, config(t, 500, 6), nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(long.Bytes(), short.Bytes()) || long.Len() < short.Len()*3/2 {
		t.Errorf("%d bytes do not begin with the %d bytes of fewer weeks", long.Len(), short.Len())
	}
}

// TestRates holds what makes the simulation realistic. The counts are of one
// fixed seed, so the tolerances are about meaning, not chance.
func TestRates(t *testing.T) {
	var tally Tally
	active := map[string]bool{}
	byTool := map[string]int{}
	holiday := map[string]int{}
	cfg := config(t, 20_000, 4)
	cfg.Registry = registry.Demonstration(2)
	err := Run(context.Background(), cfg, func(s Statement) error {
		tally.Add(s)
		byTool[s.Tool]++
		if s.Malformed {
			return nil
		}
		_, rest, _ := strings.Cut(string(s.Body), `"name":"`)
		active[string(rune('a'+s.Origin))+rest[:16]] = true
		if s.Origin == 2 && !s.Late && !s.Unlisted {
			home, _, _ := strings.Cut(string(s.Body[bytes.Index(s.Body, []byte("https://ent.")):]), `"`)
			holiday[home]++
		}
		return nil
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	rate := func(n int64) float64 { return float64(n) / float64(tally.Sent) }
	perActive := float64(tally.Sent) / float64(len(active))
	t.Logf("%+v; %.1f statements for each active pupil and week; %.2f of the pupils active; %v; %v",
		tally, perActive, float64(len(active))/80_000, byTool, holiday)
	for _, c := range []struct {
		name           string
		got, low, high float64
	}{
		{"sent", float64(tally.Sent), 250_000, 400_000},
		{"statements per active pupil and week", perActive, 10, 14},
		{"malformed", rate(tally.Malformed), 0.008, 0.012},
		{"duplicates", rate(tally.Duplicates), 0.008, 0.012},
		{"late", rate(tally.Late), 0.012, 0.025},
		{"teachers", rate(tally.Teachers), 0.007, 0.013},
		{"groups", rate(tally.Groups), 0.002, 0.006},
		{"unlisted", rate(tally.Unlisted), 0.005, 0.016},
		{"unknown schools", rate(tally.Unknown), 0.003, 0.01},
		{"holiday use of zone B to zone A", float64(holiday["https://ent.aix.example"]) / float64(holiday["https://ent.lyon.example"]), 0.01, 0.2},
	} {
		if !(c.got >= c.low && c.got <= c.high) {
			t.Errorf("%s: %.4g, want %.4g to %.4g", c.name, c.got, c.low, c.high)
		}
	}
	for _, f := range Faults() {
		if tally.ByFault[f] == 0 {
			t.Errorf("no statement has fault %q", f)
		}
	}
}

// parsed is what the test reads back; everything else is ignored.
type parsed struct {
	ID     string `json:"id"`
	Result struct {
		Success *bool `json:"success"`
	} `json:"result"`
	Timestamp time.Time      `json:"timestamp"`
	Context   jsontext.Value `json:"context"`
	Object    struct {
		ID string `json:"id"`
	} `json:"object"`
}

func TestWellFormedStatements(t *testing.T) {
	ids := map[string]int{}
	cfg := config(t, 3000, 8)
	last := make([]int, 2)
	success, attempts := make([]float64, 8), make([]float64, 8)
	first := time.Date(2026, 8, 31, 22, 0, 0, 0, time.UTC) // the first of September in Paris
	err := Run(context.Background(), cfg, func(s Statement) error {
		if s.Week < last[0] {
			t.Fatalf("week %d after week %d", s.Week, last[0])
		}
		last[0] = s.Week
		if s.Malformed {
			return nil
		}
		var p parsed
		if err := jsonv2.Unmarshal(s.Body, &p); err != nil {
			t.Fatalf("%v in %s", err, s.Body)
		}
		ids[p.ID]++
		if got := p.Timestamp.UTC(); !got.Equal(s.Time.Truncate(time.Second)) && !got.Equal(s.Time.Truncate(time.Millisecond)) {
			t.Fatalf("timestamp %v, want %v", got, s.Time)
		}
		w := cfg.Calendar.Windows("")[s.Origin]
		if s.Time.Before(w.Start) || !s.Time.Before(w.End) || s.Time.Before(first) {
			t.Fatalf("%v lies outside week %s", s.Time, w.Label)
		}
		if late := s.Week > s.Origin; late != s.Late && !s.Duplicate || s.Week-s.Origin > 6 {
			t.Fatalf("late %v: sent in week %d, time in week %d", s.Late, s.Week, s.Origin)
		}
		if !strings.HasPrefix(p.Object.ID, "https://"+s.Tool+".example/") {
			t.Fatalf("tool %s with object %s", s.Tool, p.Object.ID)
		}
		if p.Result.Success != nil {
			attempts[s.Origin]++
			if *p.Result.Success {
				success[s.Origin]++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	repeated := 0
	for _, n := range ids {
		repeated += n - 1
	}
	if repeated == 0 {
		t.Error("no id is repeated")
	}
	early := (success[0] + success[1]) / (attempts[0] + attempts[1])
	late := (success[6] + success[7]) / (attempts[6] + attempts[7])
	if early < 0.45 || early > 0.75 || late <= early || math.IsNaN(late) {
		t.Errorf("success %.3f at first, %.3f later: want a slow rise", early, late)
	}
}

func TestEveryFaultBreaksItsRule(t *testing.T) {
	seen := map[Fault]string{}
	err := Run(context.Background(), config(t, 3000, 4), func(s Statement) error {
		if s.Malformed && seen[s.Fault] == "" {
			seen[s.Fault] = string(s.Body)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for f, want := range map[Fault]string{
		MissingActor: "", MissingVerb: "", MissingObject: "", BadID: `"id":"statement-`, BadVerbIRI: `"verb":{"id":"answered"`,
		BadTimestamp: "2026-13-40", BadDuration: `"one hour"`, BadRegistration: `"registration":"42"`, ScaledOutOfRange: "1.75",
		RawAboveMax: `"raw":21`, NullValue: "null", DuplicateKey: "", UnknownProperty: `"mood"`, WrongType: `"object":"https://`,
		TwoIdentifiers: `"mbox"`, EmptyGroup: `"actor":{"objectType":"Group"}`, LoneSurrogate: `\ud800`,
	} {
		body, ok := seen[f]
		if !ok || !strings.Contains(body, want) {
			t.Errorf("%s: %s", f, body)
		}
		var v struct {
			Actor, Verb, Object jsontext.Value
		}
		err := jsonv2.Unmarshal([]byte(body), &v)
		if strict := f == DuplicateKey || f == LoneSurrogate; (err != nil) != strict {
			t.Errorf("%s: strict JSON says %v", f, err)
		}
		if f == MissingActor && v.Actor != nil || f == MissingVerb && v.Verb != nil || f == MissingObject && v.Object != nil {
			t.Errorf("%s: %s", f, body)
		}
	}
	if len(seen) != len(Faults()) {
		t.Errorf("%d faults of %d", len(seen), len(Faults()))
	}
}

func TestPupilsFollowEnrolment(t *testing.T) {
	for pupils, departments := range map[int]int{1: 1, 9_000: 1, 20_000: 2, 45_000: 4, 90_000: 4} {
		s, err := New(config(t, pupils, 1))
		if err != nil {
			t.Fatal(err)
		}
		homes := map[string]bool{}
		for _, sc := range s.schools {
			homes[sc.homePage] = true
		}
		if len(s.pupils) != pupils || len(homes) != departments {
			t.Errorf("%d pupils: got %d in %v, want %d departments", pupils, len(s.pupils), homes, departments)
		}
	}
}

// TestDefaultYear simulates against the policy's own calendar and accounts.
func TestDefaultYear(t *testing.T) {
	p, err := policy.Default(SchoolYear)
	if err != nil {
		t.Fatal(err)
	}
	cfg := DefaultConfig()
	cfg.Pupils, cfg.Weeks = 40_000, 2
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, sc := range s.schools {
		if !slices.Contains(p.Identity.HomePages, sc.homePage) || p.ZoneWindows(sc.zone, policy.Weekly) != 36 {
			t.Errorf("school %s: %s is not listed, or zone %s has no weeks", sc.uai, sc.homePage, sc.zone)
		}
	}
	if slices.Contains(p.Identity.HomePages, unlistedHomePage) {
		t.Errorf("%s is listed", unlistedHomePage)
	}
	if _, ok := registry.Demonstration(0).School(unregistered); ok {
		t.Errorf("school %s is registered", unregistered)
	}
}

func TestConfigReportsEveryFault(t *testing.T) {
	err := Config{Registry: &registry.Registry{}}.Validate()
	for _, want := range []string{"pupils", "weeks", "registry"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not reported: %v", want, err)
		}
	}
}

func TestCancelledRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := Run(ctx, config(t, 2000, 2), func(Statement) error { n++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || n > 100 {
		t.Errorf("%d statements, %v", n, err)
	}
}

func BenchmarkStatements(b *testing.B) {
	n := 0
	for b.Loop() {
		if err := Run(context.Background(), config(b, 20_000, 1), func(Statement) error { n++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "statements/s")
}
