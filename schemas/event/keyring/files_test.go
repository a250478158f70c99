package keyring_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brume/schemas/event/keyring"
)

func TestCreateFileNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.json")
	if err := keyring.CreateFile(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := keyring.CreateFile(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if got, err := keyring.ReadFile(path); err != nil || string(got) != "first" {
		t.Errorf("holds %q, %v", got, err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left %v", entries)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestDestroyFileOverwrites(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "key.json"), filepath.Join(dir, "other")
	if err := keyring.CreateFile(path, []byte("canary")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, other); err != nil { // the same blocks under another name
		t.Fatal(err)
	}
	for range 2 {
		if err := keyring.DestroyFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
	if got, err := os.ReadFile(other); err != nil || strings.Contains(string(got), "canary") {
		t.Errorf("holds %q, %v", got, err)
	}
}

func TestLooseModesAreRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if err := keyring.MakeDir(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "key.json")
	if err := keyring.CreateFile(path, []byte("canary")); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o610, 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := keyring.ReadFile(path)
		if !errors.Is(err, keyring.ErrMode) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "canary") {
			t.Errorf("file %#o: got %v", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o750, 0o701, 0o755} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if err := keyring.MakeDir(dir); !errors.Is(err, keyring.ErrMode) {
			t.Errorf("directory %#o: got %v", mode, err)
		}
	}
}

func TestKeyFilesAreNotQuoted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.json")
	if err := keyring.CreateFile(path, []byte(`{"primaryKeyId":"canary"`)); err != nil {
		t.Fatal(err)
	}
	for _, read := range []func(string) error{
		func(p string) error { _, err := keyring.ReadKeyset(p); return err },
		func(p string) error { _, err := keyring.ReadPublic(p); return err },
		func(p string) error { _, err := keyring.ReadPRF(p); return err },
	} {
		if err := read(path); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "canary") {
			t.Errorf("got %v", err)
		}
	}
}
