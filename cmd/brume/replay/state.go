package replay

import (
	"encoding/hex"
	"encoding/json/v2"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// state is what a replay remembers between runs: which file, how far, and the
// counts so far. It holds no content.
type state struct {
	File     string `json:"file"` // hash of the file's layout
	Position int64  `json:"position"`
	Total    int64  `json:"total"`
	Result   Result `json:"result"`
}

// ErrOtherFile says that a state file belongs to another file of statements.
var ErrOtherFile = errors.New("state file belongs to another file of statements")

// loadState reads the state of an earlier run; none is no error.
func loadState(path string, l *lines) (state, error) {
	hash := l.hash()
	fresh := state{File: hex.EncodeToString(hash[:]), Total: int64(len(l.entries)), Result: Result{Unreadable: l.unreadable}}
	if path == "" {
		return fresh, nil
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return fresh, fmt.Errorf("reading state: %w", err)
	}
	var s state
	if err := json.Unmarshal(b, &s, json.RejectUnknownMembers(true)); err != nil {
		return fresh, fmt.Errorf("reading state %s: %w", path, err)
	}
	if s.File != fresh.File || s.Total != fresh.Total || s.Position < 0 || s.Position > s.Total {
		return fresh, fmt.Errorf("reading state %s: %w", path, ErrOtherFile)
	}
	return s, nil
}

// save replaces the state file. When it returns nil the new state MUST have
// reached the disk; a process killed meanwhile leaves the old one whole.
func (s state) save(path string) error {
	if path == "" {
		return nil
	}
	b, err := json.Marshal(s, json.Deterministic(true))
	if err == nil {
		err = replaceFile(path, b)
	}
	if err != nil {
		return fmt.Errorf("saving state: %w", err)
	}
	return nil
}

func replaceFile(path string, b []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once renamed
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
