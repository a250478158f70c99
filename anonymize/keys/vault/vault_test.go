package vault_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"brume/anonymize/keys"
	"brume/schemas/event"
	"brume/schemas/event/keyring"
)

const (
	year    = "2026-2027"
	release = "2026-2027-w38"
)

var noon = time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)

// initialised returns a key directory under the Vault, and its store.
func initialised(t testing.TB, s *server) (string, *keys.Store) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	check(t, keys.InitUnder(dir, []string{year}, noon, s.kek()))
	store, err := keys.OpenUnder(dir, s.kek())
	check(t, err)
	check(t, store.MaintainSealing(noon))
	return dir, store
}

// everything asks the store for every private key.
func everything(store *keys.Store) error {
	_, a := store.Pseudonym(year)
	_, b := store.Cohort(year)
	_, c := store.LedgerSigner()
	_, d := store.Private(event.Hour(noon) + 48)
	_, e := store.ReleaseKey(release)
	gate, f := store.Gate()
	if f == nil {
		_, g := gate.StreamKey(year)
		_, h := gate.InputsMAC(year)
		f = errors.Join(g, h)
	}
	return errors.Join(a, b, c, d, e, f)
}

// ★ No private key of anonymize and gate rests in the clear, and all open.
func TestPrivateKeysetsRestWrapped(t *testing.T) {
	s := start(t)
	dir, store := initialised(t, s)
	check(t, everything(store))
	wrapped := map[string]bool{}
	infos, err := store.List()
	check(t, err)
	for _, i := range infos {
		if i.WrappedBy != "" && i.WrappedBy != "vault transit/keys/brume" {
			t.Errorf("%s is wrapped by %q", i.Name, i.WrappedBy)
		}
		part, _, _ := strings.Cut(i.Name, "/")
		private := part == keyring.AnonymizeDir || part == keyring.GateDir
		if private != (i.WrappedBy != "") {
			t.Errorf("%s: wrapped by %q", i.Name, i.WrappedBy)
		}
		if _, clear := keyring.FindKeyset(filepath.Join(dir, i.Name)); clear && private {
			t.Errorf("%s can be read without Vault", i.Name)
		}
		wrapped[i.Name] = i.WrappedBy != ""
	}
	if !wrapped["anonymize/cohort-"+year+".json"] || !wrapped["gate/release-"+release+".json"] || len(infos) < 100 {
		t.Errorf("too few keys: %v", wrapped)
	}
	again, err := keys.OpenUnder(dir, s.kek())
	check(t, err)
	check(t, everything(again))
	a, err := store.PseudonymID(year)
	check(t, err)
	if b, err := again.PseudonymID(year); err != nil || a != b {
		t.Error("another pseudonym key after opening again", err)
	}
}

// ★ Keysets in the clear and wrapped ones do not mix, and each says so.
func TestMixedFormsAreRefused(t *testing.T) {
	s := start(t)
	dir, _ := initialised(t, s)
	without, err := keys.Open(dir)
	check(t, err)
	if err := everything(without); !errors.Is(err, keys.ErrWrapped) || !strings.Contains(err.Error(), "transit/keys/brume") {
		t.Errorf("wrapped keys without a Vault: %v", err)
	}
	if err := keys.Init(dir, []string{"2027-2028"}, noon); !errors.Is(err, keys.ErrWrapped) {
		t.Errorf("init without the Vault: %v", err)
	}
	s.config.Key = "transit/keys/other"
	other, err := keys.OpenUnder(dir, s.kek())
	check(t, err)
	if err := everything(other); !errors.Is(err, keys.ErrWrapped) {
		t.Errorf("another key of the Vault: %v", err)
	}
	plain := filepath.Join(t.TempDir(), "keys")
	check(t, keys.Init(plain, []string{year}, noon))
	if _, err := keys.OpenUnder(plain, s.kek()); !errors.Is(err, keys.ErrClear) {
		t.Errorf("keys in the clear beside a Vault: %v", err)
	}
}

// ★ A wrapped file does not open under another name, whatever it says.
func TestWrappedFilesAreBoundToTheirNames(t *testing.T) {
	s := start(t)
	dir, _ := initialised(t, s)
	at := func(name string) string { return filepath.Join(dir, keyring.AnonymizeDir, name) }
	data, err := os.ReadFile(at("stream-" + year + ".json"))
	check(t, err)
	forged := strings.Replace(string(data), `"stream-`, `"cohort-`, 1)
	for what, content := range map[string]string{"moved": string(data), "moved and renamed": forged} {
		check(t, os.WriteFile(at("cohort-"+year+".json"), []byte(content), 0o600))
		store, err := keys.OpenUnder(dir, s.kek())
		check(t, err)
		if _, err := store.Cohort(year); err == nil || errors.Is(err, keys.ErrKEK) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// ★ Who runs goes on while Vault is away; who starts says so; all is well after.
func TestVaultAway(t *testing.T) {
	s := start(t)
	dir, store := initialised(t, s)
	check(t, everything(store))
	s.seal()
	if err := everything(store); err != nil {
		t.Errorf("keys in memory are lost: %v", err)
	}
	for hour := event.Hour(noon); hour <= event.Hour(noon)+48; hour++ {
		if _, err := store.Private(hour); err != nil {
			t.Fatalf("sealing key of hour %d: %v", hour, err)
		}
	}
	if _, err := store.ReleaseKey("2026-2027-w39"); !errors.Is(err, keys.ErrKEK) {
		t.Errorf("a new key of a release: %v", err)
	}
	if err := store.MaintainSealing(noon.Add(time.Hour)); !errors.Is(err, keys.ErrKEK) {
		t.Errorf("sealing keys: %v", err)
	}
	starting, err := keys.OpenUnder(dir, s.kek())
	check(t, err)
	if _, err := starting.Gate(); !errors.Is(err, keys.ErrKEK) || !strings.Contains(err.Error(), "sealed") {
		t.Errorf("starting: %v", err)
	}
	s.unseal()
	check(t, store.MaintainSealing(noon.Add(time.Hour)))
	check(t, everything(starting))
	s.stop()
	begun := time.Now()
	third, err := keys.OpenUnder(dir, s.kek())
	check(t, err)
	if _, err := third.Gate(); !errors.Is(err, keys.ErrKEK) || !strings.Contains(err.Error(), "away") {
		t.Errorf("starting without a Vault: %v", err)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("it took %s to notice", took)
	}
	check(t, everything(store))
}

// ★ The token is the file's, each time; a loose file and a refusal have names.
func TestToken(t *testing.T) {
	s := start(t)
	dir, _ := initialised(t, s)
	store, err := keys.OpenUnder(dir, s.kek())
	check(t, err)
	check(t, os.WriteFile(s.config.TokenFile, []byte("wrong"), 0o600))
	if _, err := store.Cohort(year); !errors.Is(err, keys.ErrKEK) || !strings.Contains(err.Error(), "vault.token_file") {
		t.Errorf("a wrong token: %v", err)
	}
	s.do("PUT", "sys/policies/acl/brume", map[string]any{"policy": `
path "transit/encrypt/brume" { capabilities = ["update"] }
path "transit/decrypt/brume" { capabilities = ["update"] }`})
	auth := s.do("POST", "auth/token/create", map[string]any{"policies": []string{"brume"}})["auth"].(map[string]any)
	check(t, os.WriteFile(s.config.TokenFile, []byte(auth["client_token"].(string)), 0o600))
	check(t, everything(store)) // the policy that docs/keys.md names
	check(t, os.Chmod(s.config.TokenFile, 0o644))
	if _, err := s.config.Open(); !errors.Is(err, keyring.ErrMode) {
		t.Errorf("a token that others may read: %v", err)
	}
}

// ★ Nobody who is not under the configured authority gets to see a keyset.
func TestAuthority(t *testing.T) {
	s := start(t)
	dir, _ := initialised(t, s)
	t.Setenv("VAULT_SKIP_VERIFY", "true") // variables of Vault's own tools change nothing
	s.config.CAFile = ""
	store, err := keys.OpenUnder(dir, s.kek())
	check(t, err)
	if _, err := store.Cohort(year); !errors.Is(err, keys.ErrKEK) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown authority: %v", err)
	}
}

// ★ A destroyed year is gone from disk and memory; a copy is found while Vault
// opens it, and opens no more once the key of Vault is destroyed.
func TestDestroyedYear(t *testing.T) {
	s := start(t)
	dir, store := initialised(t, s)
	check(t, everything(store))
	file := filepath.Join(dir, keyring.AnonymizeDir, "cohort-"+year+".json")
	data, err := os.ReadFile(file)
	check(t, err)
	backup := filepath.Join(t.TempDir(), "backup")
	check(t, os.WriteFile(backup, data, 0o644))
	check(t, store.DestroyYear(year))
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	if _, err := store.Cohort(year); !errors.Is(err, keys.ErrDestroyed) {
		t.Errorf("after destruction: %v", err)
	}
	if handle, err := store.FindWrapped(backup); err != nil || handle == nil {
		t.Errorf("a copy was not found: %v", err)
	}
	s.seal()
	if _, err := store.FindWrapped(backup); !errors.Is(err, keys.ErrKEK) {
		t.Errorf("nobody can say whether the copy opens, yet: %v", err)
	}
	s.unseal()
	s.do("POST", "transit/keys/brume/config", map[string]any{"deletion_allowed": true})
	s.do("DELETE", "transit/keys/brume", nil)
	if handle, err := store.FindWrapped(backup); err != nil || handle != nil {
		t.Errorf("the copy opens without the key of Vault: %v", err)
	}
}

func BenchmarkWrap(b *testing.B) {
	kek := start(b).kek()
	for b.Loop() {
		_, err := kek.Encrypt(make([]byte, 100), nil)
		check(b, err)
	}
}

func BenchmarkUnwrap(b *testing.B) {
	kek := start(b).kek()
	sealed, err := kek.Encrypt(make([]byte, 100), nil)
	check(b, err)
	for b.Loop() {
		_, err := kek.Decrypt(sealed, nil)
		check(b, err)
	}
}

// BenchmarkStart opens a directory and unwraps all that a service needs.
func BenchmarkStart(b *testing.B) {
	s := start(b)
	dir, _ := initialised(b, s)
	for b.Loop() {
		store, err := keys.OpenUnder(dir, s.kek())
		check(b, err)
		check(b, everything(store))
		check(b, store.MaintainSealing(noon))
	}
}
