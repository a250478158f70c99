package demo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brume/cmd/internal/datadir"
)

func TestClaimBeforeAnythingElse(t *testing.T) {
	dir, p := datadir.Dir(t.TempDir()), Params{Pupils: 100, Weeks: 2, Seed: 1}
	for _, left := range []string{"", "state", "broker"} { // by runs killed ever later
		if err := os.MkdirAll(filepath.Join(string(dir), left), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := Claim(dir, p); err != nil {
			t.Errorf("after %q: %v", left, err)
		}
	}
	other := p
	other.Weeks++
	if err := Claim(dir, other); !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), "--weeks 2") {
		t.Errorf("another demonstration: got %v", err)
	}
	for want := range 2 {
		s, err := resume(dir)
		if err != nil || s.Starts != want+1 || s.Params != p {
			t.Errorf("got %+v, %v", s, err)
		}
		if err := s.save(dir); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClaimLeavesWhatIsNotADemonstration(t *testing.T) {
	dir := datadir.Dir(t.TempDir())
	if err := os.Mkdir(filepath.Join(string(dir), "broker"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Claim(dir, Params{Pupils: 1, Weeks: 1}); !errors.Is(err, ErrOther) {
		t.Errorf("got %v", err)
	}
}

func TestClaimAfterAKillWhileClaiming(t *testing.T) {
	dir := datadir.Dir(t.TempDir())
	if err := os.Mkdir(filepath.Join(string(dir), "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Claim(dir, Params{Pupils: 1, Weeks: 1}); err != nil {
		t.Error(err)
	}
}
