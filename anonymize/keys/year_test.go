package keys_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"brume/anonymize/keys"
)

// TestDestroyYearTakesItsReleases: the keys of the year's releases die with it,
// wherever they lie, and those of another year live.
func TestDestroyYearTakesItsReleases(t *testing.T) {
	for _, apart := range []bool{false, true} {
		_, s := initialised(t)
		if apart {
			if err := s.ReleasesIn(filepath.Join(t.TempDir(), "releases")); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []string{"2026-2027-w38", "2026-2027-stream-w38", "2027-2028-w38"} {
			if _, err := s.ReleaseKey(id); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.DestroyYear(year); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]error{"2026-2027-w38": keys.ErrDestroyed, "2026-2027-stream-w38": keys.ErrDestroyed, "2027-2028-w38": nil} {
			if _, err := s.ReleaseKey(id); !errors.Is(err, want) {
				t.Errorf("apart %v: %s: %v, want %v", apart, id, err, want)
			}
		}
	}
}

func TestYears(t *testing.T) {
	dir, s := initialised(t)
	if err := keys.Init(dir, []string{"2027-2028"}, noon); err != nil {
		t.Fatal(err)
	}
	if err := s.DestroyYear(year); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Years(); err != nil || !slices.Equal(got, []string{year, "2027-2028"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if next, err := keys.NextYear("2027-2028"); err != nil || next != "2028-2029" {
		t.Errorf("after 2027-2028: %q, %v", next, err)
	}
	if _, err := keys.NextYear("2027-2029"); err == nil {
		t.Error("no school year has a next one")
	}
}

// TestDestroyedKeysLeaveNoBytes: the files are overwritten before they go, so
// that a second name of them shows nothing.
func TestDestroyedKeysLeaveNoBytes(t *testing.T) {
	dir, s := initialised(t)
	other := filepath.Join(t.TempDir(), "other")
	if err := os.Link(filepath.Join(dir, "anonymize", "pseudonym-"+year+".json"), other); err != nil {
		t.Fatal(err)
	}
	if err := s.DestroyYear(year); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) == 0 || slices.ContainsFunc(data, func(b byte) bool { return b != 0 }) {
		t.Errorf("%d bytes are left", len(data))
	}
}
