package keys_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brume/anonymize/keys"
	"brume/schemas/control"
	"brume/schemas/event/keyring"
)

func TestInitTwiceChangesNothing(t *testing.T) {
	dir, _ := initialised(t)
	before := contents(t, dir)
	if err := keys.Init(dir, []string{year}, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(contents(t, dir), before); diff != "" {
		t.Errorf("(-got, +want)\n%s", diff)
	}
}

// TestInitResumes: whichever file a crash left unwritten, the next Init writes
// it and changes no other.
func TestInitResumes(t *testing.T) {
	dir, _ := initialised(t)
	before := contents(t, dir)
	for name := range before {
		if strings.Contains(name, "sealing-") && !strings.Contains(name, "T12Z") {
			continue // 49 alike
		}
		if slices.Contains(firstHalves, name) {
			continue // a crash leaves these or neither half: see TestHalvesThatDoNotMatch
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := keys.Init(dir, []string{year}, noon); err != nil {
			t.Fatalf("without %s: %v", name, err)
		}
		after := contents(t, dir)
		if after[name] == "" {
			t.Errorf("%s was not made again", name)
		}
		for other := range after {
			sealing := strings.Contains(name, "anonymize/sealing-") && strings.Contains(other, "public/sealing-") // certified anew
			if other != name && after[other] != before[other] && !sealing {
				t.Errorf("without %s: %s changed", name, other)
			}
		}
		before = after
	}
}

// firstHalves are the secrets of which something public is written afterwards.
var firstHalves = []string{"operator/control-sign.json", "gate/ledger-sign.json", "anonymize/certificates-sign.json", "ingest/routing.json"}

// TestHalvesThatDoNotMatch: Init refuses a directory whose public files belong
// to secrets that are gone, rather than run with two worlds.
func TestHalvesThatDoNotMatch(t *testing.T) {
	for _, name := range firstHalves {
		dir, _ := initialised(t)
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := keys.Init(dir, []string{year}, noon); err == nil {
			t.Errorf("%s replaced in silence", name)
		}
	}
}

func TestLooseModesAreRefused(t *testing.T) {
	dir, _ := initialised(t)
	for path, mode := range map[string]os.FileMode{
		"": 0o755, "public": 0o750, "anonymize": 0o701, "gate/ledger-sign.json": 0o640, "public/routing.id": 0o644,
	} {
		full := filepath.Join(dir, path)
		strict, err := os.Stat(full)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(full, mode); err != nil {
			t.Fatal(err)
		}
		for name, try := range map[string]func() error{
			"Open": func() error { _, err := keys.Open(dir); return err },
			"Init": func() error { return keys.Init(dir, []string{year}, noon) },
		} {
			if err := try(); !errors.Is(err, keyring.ErrMode) || !strings.Contains(err.Error(), full) {
				t.Errorf("%s with %s %#o: got %v", name, path, mode, err)
			}
		}
		if err := os.Chmod(full, strict.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestYearsHaveTheirOwnKeys(t *testing.T) {
	dir, s := initialised(t)
	if err := keys.Init(dir, []string{"2027-2028"}, noon); err != nil {
		t.Fatal(err)
	}
	a, errA := s.PseudonymID(year)
	b, errB := s.PseudonymID("2027-2028")
	again, errC := open(t, dir).PseudonymID(year)
	if err := errors.Join(errA, errB, errC); err != nil {
		t.Fatal(err)
	}
	if a == b || a != again {
		t.Error("year keys are shared, or not stable")
	}
	for _, bad := range []string{"2026", "2026-2028", "../../etc", "2026-2027\n"} {
		if _, err := s.Pseudonym(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
		if err := keys.Init(dir, []string{bad}, noon); err == nil {
			t.Errorf("%q initialised", bad)
		}
	}
}

func TestDestroyedYearStaysDestroyed(t *testing.T) {
	dir, s := initialised(t)
	cohort, err := s.Cohort(year)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := cohort.Encrypt([]byte("state"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := cohort.Decrypt(snapshot, nil); err != nil || string(plain) != "state" {
		t.Fatalf("got %q, %v", plain, err)
	}
	for range 2 {
		if err := s.DestroyYear(year); err != nil {
			t.Fatal(err)
		}
		if err := keys.Init(dir, []string{year}, noon); err != nil {
			t.Fatal(err)
		}
		for _, store := range []*keys.Store{s, open(t, dir)} {
			_, errP := store.Pseudonym(year)
			_, errC := store.Cohort(year)
			if !errors.Is(errP, keys.ErrDestroyed) || !errors.Is(errC, keys.ErrDestroyed) {
				t.Errorf("got %v, %v", errP, errC)
			}
		}
	}
}

func TestSignersMatchVerifiers(t *testing.T) {
	dir, s := initialised(t)
	signer, err1 := s.ControlSigner()
	verifier, err2 := s.ControlVerifier()
	ledger, err3 := s.LedgerSigner()
	check, err4 := keyring.LedgerVerifier(dir)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	value, err := signer.Sign(control.Record{Kind: control.Heartbeat, Issued: noon}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Open(value, 3); err != nil {
		t.Error(err)
	}
	signature, err := ledger.Sign([]byte("record"))
	if err != nil {
		t.Fatal(err)
	}
	if err := check.Verify(signature, []byte("record")); err != nil {
		t.Error(err)
	}
	if err := check.Verify(signature, []byte("another")); err == nil {
		t.Error("verified another record")
	}
}

func TestListShowsNoMaterial(t *testing.T) {
	dir, s := initialised(t)
	if err := s.DestroyReleaseKey("2026-2027-w37"); err != nil {
		t.Fatal(err)
	}
	infos, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range infos {
		if i.Created.IsZero() {
			t.Errorf("%s: no time of creation", i.Name)
		}
		if strings.Contains(i.Name, "sealing-") && !strings.Contains(i.Name, "2026-09-14T12Z") {
			continue
		}
		line := i.Name + ": " + i.Kind
		if !i.NotAfter.IsZero() {
			line += i.NotAfter.Format(" until 2006-01-02T15:04")
		}
		if i.Destroyed {
			line += ", destroyed"
		}
		got = append(got, line)
	}
	want := []string{
		"ingest/certificates-verify.json: checks sealing keys",
		"ingest/fingerprint.json: fingerprints",
		"ingest/routing.json: routing",
		"public/control-verify.json: checks control records",
		"public/ledger-verify.json: checks ledger records",
		"public/routing.id: name of the routing key",
		"public/sealing-2026-09-14T12Z.json: sealing, public half until 2026-09-14T13:00",
		"anonymize/certificates-sign.json: certifies sealing keys",
		"anonymize/cohort-2026-2027.json: snapshots of a year",
		"anonymize/gate-wrap.json: keys between gates",
		"anonymize/pseudonym-2026-2027.json: pseudonyms of a year",
		"anonymize/sealing-2026-09-14T12Z.json: sealing, private half until 2026-09-17T13:00",
		"anonymize/stream-2026-2027.json: noise of a year's streams",
		"operator/control-sign.json: signs control records",
		"gate/ledger-sign.json: signs ledger records",
		"gate/release-2026-2027-w37.destroyed: partials and drafts of a release, destroyed",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got, +want)\n%s", diff)
	}
	refuseMaterial(t, dir, fmt.Sprintf("%v %+v", infos, infos))
}

// refuseMaterial fails when the text holds a key of the directory, as its file
// writes it.
func refuseMaterial(t *testing.T, dir, text string) {
	t.Helper()
	for name, content := range contents(t, dir) {
		var set struct {
			Key []struct {
				KeyData struct{ Value string }
			}
		}
		if json.Unmarshal([]byte(content), &set) != nil {
			continue
		}
		for _, k := range set.Key {
			if v := k.KeyData.Value; v == "" || strings.Contains(text, v) || strings.Contains(text, v[8:24]) {
				t.Errorf("%s shows in %.80s", name, text)
			}
		}
	}
}
