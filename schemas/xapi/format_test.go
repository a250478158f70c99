package xapi

import (
	"strings"
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	isTime := func(s string) bool { _, ok := parseTimestamp(s); return ok }
	rows := []struct {
		line  int
		name  string
		valid func(string) bool
		yes   []string
		no    []string
	}{
		{line(), "IRI", validIRI,
			[]string{"a:b", "http://a.example", "urn:uuid:x", "mailto:a@b", "https://[::1]/", "x:%41", "course-v1:A+B"},
			[]string{"", ":", "a:", "a", "//a", "1a:b", "ab=c://x", "http:", "http://", "http:///x", "http:a", "a:b c", "a:<", "a:\n", "a:%4", "a:%zz", "é:b"}},
		{line(), "language", validLanguage,
			[]string{"fr", "FR-fr", "fra", "zh-cmn-Hans-CN", "sr-Latn", "es-419", "sl-rozaj-biske-1994", "de-CH-1996", "en-a-myext-b-another", "de-x-private", "x-y", "i-klingon", "abcdefgh", "qaaa"},
			[]string{"", "f", "1r", "fr_FR", "fr-", "-fr", "fr--FR", "a12345678", "abcdefghi", "fr-x", "fr-a", "fr-a-b", "x", "français", "fr-toolongsubtag", "de-419-DE"}},
		{line(), "timestamp", isTime,
			[]string{"2008-09-15T15:53:00Z", "2008-09-15T15:53:00.601+00:00", "2008-09-15t15:53:60.1z", "2008-02-29T23:59:59-12:30", "0001-01-01T00:00:00Z"},
			[]string{"", "2008-09-15", "2008-09-15 15:53:00Z", "2008-09-15T15:53:00", "2008-09-15T15:53:00.601-00:00", "2008-09-15T15:53:00.601-0000", "2008-09-15T15:53:00.601-00",
				"2008-09-15T15:53:00.Z", "2009-02-29T00:00:00Z", "2008-13-01T00:00:00Z", "2008-01-01T24:00:00Z", "2008-01-01T00:00:00+24:00", "01/011/2015", "2008-09-15T15:53:00Z "}},
		{line(), "media type", validMediaType,
			[]string{"text/plain", "application/x+json; a=b", `a/b;c="d;\"e" ; f=g;`, "a/b;", "a/b;c0=d;c1=d;c2=d;c3=d;c4=d;c5=d;c6=d;c7=d;c8=d;c9=d"},
			[]string{"", "text", "/plain", "a b/c", "a/", "a/b c", "a/b;c", "a/b;c=", "a/b;=d", "a/b;;", `a/b;c="d`, `a/b;c="d\"`, "a/b;c=d;C=e", "a/b;c0=d;c1=d;c2=d;c3=d;c4=d;c5=d;c6=d;c7=d;c8=d;c9=d;ca=d"}},
		{line(), "sha2", validSHA2, []string{"495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"}, []string{"", "495395", "zz5395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"}},
		{line(), "mbox", validMbox, []string{"mailto:a@b.example", "mailto:a+b@c"}, []string{"mailto:", "mailto:a@", "mailto:@b", "mailto:a@b@c", "mailto:a b@c", "mailto:a@.c", "mailto:a@b?subject=x"}},
	}
	for _, row := range rows {
		for _, s := range row.yes {
			if !row.valid(s) {
				t.Errorf("line %d: %s %q is refused", row.line, row.name, s)
			}
		}
		for _, s := range row.no {
			if row.valid(s) {
				t.Errorf("line %d: %s %q is accepted", row.line, row.name, s)
			}
		}
	}
}

// xAPI 1.0.3 allows what ISO 8601 allows; 2.0 asks for RFC 3339.
func TestTimestampsOfISO8601(t *testing.T) {
	rows := []struct {
		line int
		text string
		want string // "": refused
	}{
		{line(), "2008-09-15T15:53:00", "2008-09-15T15:53:00Z"},
		{line(), "2008-09-15T15:53:00.25", "2008-09-15T15:53:00.25Z"},
		{line(), "2008-09-15T15:53:00,25Z", "2008-09-15T15:53:00.25Z"},
		{line(), "2008-09-15T15:53+02:00", "2008-09-15T13:53:00Z"},
		{line(), "2008-09-15T15:53:00+02", "2008-09-15T13:53:00Z"},
		{line(), "2008-09-15T15:53:00-0230", "2008-09-15T18:23:00Z"},
		{line(), "20080915T155300Z", "2008-09-15T15:53:00Z"},
		{line(), "20080915T1553+0200", "2008-09-15T13:53:00Z"},
		{line(), "20080915T155300.601", "2008-09-15T15:53:00.601Z"},
		{line(), "2008-09-15T15:53:00-00", ""},
		{line(), "2008-09-15T15:53:00-0000", ""},
		{line(), "2008-09-15T15:53:00-00:00", ""},
		{line(), "2008-09-15", ""},
		{line(), "2008-09-15T", ""},
		{line(), "2008-09-15T15", ""},
		{line(), "20080915T15:53:00Z", ""},
		{line(), "2008-09-15T155300Z", ""},
		{line(), "2008-09-15T15:53.5Z", ""},
		{line(), "2008-09-15T15:53:00.Z", ""},
		{line(), "2008-09-15T15:53:00+1", ""},
		{line(), "2008-09-15T15:53:00+", ""},
		{line(), "2008-W38-1T15:53:00Z", ""},
		{line(), "2008-09-15T15:53:00Z" + strings.Repeat("0", 64), ""},
	}
	for _, row := range rows {
		body := []byte(statement(`"timestamp":"` + row.text + `"`))
		b, err := Decode(body, Options{Limits: DefaultLimits()})
		got := ""
		if err == nil {
			got = b.Statements[0].Timestamp.Format(time.RFC3339Nano)
		}
		if got != row.want {
			t.Errorf("line %d: %q gives %q, want %q", row.line, row.text, got, row.want)
		}
		if _, err := Decode(body, Options{V2: true, Limits: DefaultLimits()}); err == nil {
			t.Errorf("line %d: %q is accepted by 2.0", row.line, row.text)
		}
	}
}

func TestDurations(t *testing.T) {
	rows := []struct {
		line int
		text string
		want float64 // -1: refused
	}{
		{line(), "PT0S", 0},
		{line(), "PT1H0M0.1S", 3600.1},
		{line(), "PT4H35M59.14S", 16559.14},
		{line(), "PT16559.14S", 16559.14},
		{line(), "P1DT1H", 90000},
		{line(), "P3Y1M29DT4H35M59S", (3*365+30+29)*day + 16559},
		{line(), "P4W", 28 * day},
		{line(), "PT0,5M", 30},
		{line(), "", -1},
		{line(), "P", -1},
		{line(), "PT", -1},
		{line(), "P1DT", -1},
		{line(), "1H", -1},
		{line(), "PT1", -1},
		{line(), "P1H", -1},
		{line(), "PT1D", -1},
		{line(), "P4W1D", -1},
		{line(), "P1D4W", -1},
		{line(), "PT1M1H", -1},
		{line(), "PT1.5H1M", -1},
		{line(), "PT.5S", -1},
		{line(), "PT5.S", -1},
		{line(), "PT-5S", -1},
		{line(), "-PT5S", -1},
		{line(), "pt5s", -1},
		{line(), "PTT5S", -1},
		{line(), "P0Y4W", -1},
	}
	for _, row := range rows {
		got, ok := parseDuration(row.text)
		if !ok {
			got = -1
		}
		if got != row.want {
			t.Errorf("line %d: %q gives %v, want %v", row.line, row.text, got, row.want)
		}
	}
}
