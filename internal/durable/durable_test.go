package durable

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWriteReplacesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "state.json")
	for _, want := range []int{1, 2} {
		if err := WriteJSON(path, want); err != nil {
			t.Fatal(err)
		}
		var got int
		if err := ReadJSON(path, &got); err != nil || got != want {
			t.Errorf("got %d, %v; want %d", got, err, want)
		}
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%d files left, want the state alone", len(entries))
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestReadOfNothingIsNoError(t *testing.T) {
	got := 7
	if err := ReadJSON(filepath.Join(t.TempDir(), "none"), &got); err != nil || got != 7 {
		t.Errorf("got %d, %v; want 7 untouched", got, err)
	}
}

func TestReadOfGarbageIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad")
	if err := WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ReadJSON(path, new(int)); err == nil {
		t.Error("accepted")
	}
}
