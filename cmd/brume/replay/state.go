package replay

import (
	"encoding/hex"
	"errors"
	"fmt"

	"brume/internal/durable"
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
	s := fresh
	if err := durable.ReadJSON(path, &s); err != nil {
		return fresh, err
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
	return durable.WriteJSON(path, s)
}
