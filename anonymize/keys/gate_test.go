package keys_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"brume/anonymize/keys"
)

const release = "2026-2027-w38"

// TestConcurrentCreatorsAgree: what one store encrypts any other decrypts,
// whoever came first.
func TestConcurrentCreatorsAgree(t *testing.T) {
	dir, a := initialised(t)
	stores := []*keys.Store{a, open(t, dir)}
	for round := range 20 {
		name := fmt.Sprint(release, round)
		sealed := make([][]byte, 16)
		var wait sync.WaitGroup
		for i := range sealed {
			wait.Go(func() {
				key, err := stores[i%2].ReleaseKey(name)
				if err == nil {
					sealed[i], err = key.Encrypt([]byte("sums"), []byte(name))
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		key, err := open(t, dir).ReleaseKey(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range sealed {
			if plain, err := key.Decrypt(c, []byte(name)); err != nil || string(plain) != "sums" {
				t.Errorf("round %d, creator %d: %v", round, i, err)
			}
		}
	}
}

func TestDestroyedReleaseKeyStaysDestroyed(t *testing.T) {
	dir, s := initialised(t)
	if _, err := s.ReleaseKey(release); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.DestroyReleaseKey(release); err != nil {
			t.Fatal(err)
		}
		for _, store := range []*keys.Store{s, open(t, dir)} {
			if _, err := store.ReleaseKey(release); !errors.Is(err, keys.ErrDestroyed) {
				t.Errorf("got %v", err)
			}
		}
	}
	if _, err := s.ReleaseKey("2026-2027-w39"); err != nil {
		t.Errorf("another release: %v", err)
	}
	if err := s.DestroyReleaseKey("2026-2027-w40"); err != nil { // never drawn
		t.Error(err)
	}
	if _, err := s.ReleaseKey("2026-2027-w40"); !errors.Is(err, keys.ErrDestroyed) {
		t.Errorf("destroyed before it was drawn: %v", err)
	}
}

// TestDestroyingRacesWithCreating: once DestroyReleaseKey has returned and all
// creators have too, no key file is left.
func TestDestroyingRacesWithCreating(t *testing.T) {
	dir, a := initialised(t)
	stores := []*keys.Store{a, open(t, dir)}
	for round := range 30 {
		name := fmt.Sprint("r", round)
		var wait sync.WaitGroup
		for i := range 6 {
			wait.Go(func() {
				if i == 3 {
					if err := stores[0].DestroyReleaseKey(name); err != nil {
						t.Error(err)
					}
					return
				}
				if _, err := stores[i%2].ReleaseKey(name); err != nil && !errors.Is(err, keys.ErrDestroyed) {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if _, err := os.Stat(filepath.Join(dir, "gate", "release-"+name+".json")); !os.IsNotExist(err) {
			t.Errorf("round %d: the key is there, %v", round, err)
		}
	}
}

// TestOpenFinishesDestruction: killed between the tombstone and the key.
func TestOpenFinishesDestruction(t *testing.T) {
	dir, s := initialised(t)
	if _, err := s.ReleaseKey(release); err != nil {
		t.Fatal(err)
	}
	for _, tomb := range []string{"gate/release-" + release, "anonymize/year-" + year} {
		if err := os.WriteFile(filepath.Join(dir, tomb+".destroyed"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.ReleaseKey(release); !errors.Is(err, keys.ErrDestroyed) {
		t.Errorf("got %v", err)
	}
	old := filepath.Join(dir, "gate", ".new-1")
	young := filepath.Join(dir, "gate", ".new-2")
	for path, age := range map[string]time.Duration{old: 2 * time.Hour, young: time.Minute} {
		if err := os.WriteFile(path, []byte("half a key"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
	for name := range contents(t, dir) {
		if strings.HasPrefix(name, "gate/release-") && strings.HasSuffix(name, ".json") ||
			strings.Contains(name, year+".json") || name == "gate/.new-1" {
			t.Errorf("%s is still there", name)
		}
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("a file that another process may be writing: %v", err)
	}
}

func TestReleaseNamesAreFileNames(t *testing.T) {
	_, s := initialised(t)
	for _, bad := range []string{"", ".", "..", "../ledger-sign", "a/b", "a\x00", "a b", strings.Repeat("a", 101)} {
		if _, err := s.ReleaseKey(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
		if err := s.DestroyReleaseKey(bad); err == nil {
			t.Errorf("%q destroyed", bad)
		}
	}
}

func TestGateKeysAreShared(t *testing.T) {
	dir, s := initialised(t)
	a, err1 := s.Gate()
	b, err2 := open(t, dir).Gate()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	macA, err1 := a.InputsMAC(year)
	macB, err2 := b.InputsMAC(year)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if macA([]byte("sums")) != macB([]byte("sums")) || macA([]byte("sums")) == macA([]byte("other")) {
		t.Error("digests differ between gates, or agree between sums")
	}
	wrapped, err := a.AEAD().Encrypt([]byte("draft key"), []byte("draft"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := b.AEAD().Decrypt(wrapped, []byte("draft")); err != nil || string(plain) != "draft key" {
		t.Errorf("got %q, %v", plain, err)
	}
	if _, err := b.AEAD().Decrypt(wrapped, []byte("another")); err == nil {
		t.Error("opened in another context")
	}
}

// Asking whether a key was destroyed draws none.
func TestReleaseDestroyed(t *testing.T) {
	dir, s := initialised(t)
	ask := func(want bool) {
		t.Helper()
		if got, err := s.ReleaseDestroyed(release); err != nil || got != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	ask(false)
	if files, err := filepath.Glob(filepath.Join(dir, "*", "release-*")); err != nil || len(files) != 0 {
		t.Errorf("asking left %v, %v", files, err)
	}
	if err := s.DestroyReleaseKey(release); err != nil {
		t.Fatal(err)
	}
	ask(true)
	if _, err := s.ReleaseDestroyed("../x"); err == nil {
		t.Error("asked about what is no release")
	}
}

// TestInputsDieWithTheYear: the ledger keeps the digests of exact sums for ever,
// so that a key that outlived the year would confirm every guess of them.
func TestInputsDieWithTheYear(t *testing.T) {
	dir, s := initialised(t)
	if err := s.DestroyYear(year); err != nil {
		t.Fatal(err)
	}
	g, err := open(t, dir).Gate()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.InputsMAC(year); !errors.Is(err, keys.ErrDestroyed) {
		t.Errorf("got %v, want ErrDestroyed", err)
	}
}
