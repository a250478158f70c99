// Package demo drives a one-process Brume with a simulated school year: tools
// send, weeks close, releases come out.
package demo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"brume/cmd/brume/replay"
	"brume/cmd/internal/datadir"
	"brume/internal/durable"
)

// ErrOther says that a data directory holds something else.
var ErrOther = errors.New("the data directory does not hold this demonstration")

// Params say what is simulated: the same give the same statements.
type Params struct {
	Pupils int    `json:"pupils"`
	Weeks  int    `json:"weeks"`
	Seed   uint64 `json:"seed"`
}

// state is how far a demonstration has come. It is written after each week:
// what a killed run had sent of an unfinished week is sent again, unchanged,
// and counted once here.
type state struct {
	Params
	Key     string           `json:"key"`
	Secret  string           `json:"secret"`
	Done    int              `json:"weeks_done"`
	Sent    replay.Result    `json:"sent"`
	Dropped map[string]int64 `json:"dropped_at_ingest"`
	Seconds Seconds          `json:"seconds"`
	Starts  int              `json:"starts"`
}

func file(dir datadir.Dir) string { return filepath.Join(string(dir), "state", "demo.json") }

// Claim takes a data directory for these parameters before anything else
// writes to it, or goes on with the demonstration it holds. ErrOther when it
// holds something else.
func Claim(dir datadir.Dir, p Params) error {
	var s state
	if err := durable.ReadJSON(file(dir), &s); err != nil {
		return err
	}
	switch {
	case s.Params == p:
		return nil
	case s.Params == Params{} && unclaimed(dir):
		return fresh(p).save(dir)
	case s.Params == Params{}:
		return fmt.Errorf("%s: %w", dir, ErrOther)
	}
	return fmt.Errorf("%s: %w: it was made with --pupils %d --weeks %d --seed %d", dir, ErrOther, s.Pupils, s.Weeks, s.Seed)
}

// unclaimed says that a directory holds nothing, or only what a process killed
// while claiming it left.
func unclaimed(dir datadir.Dir) bool {
	entries, _ := os.ReadDir(string(dir))
	return !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() != filepath.Base(filepath.Dir(file(dir))) })
}

func fresh(p Params) state { return state{Params: p, Dropped: map[string]int64{}} }

// resume loads the state of a claimed directory and counts one more start.
func resume(dir datadir.Dir) (s state, err error) {
	if err := durable.ReadJSON(file(dir), &s); err != nil {
		return s, err
	}
	s.Starts++
	return s, nil
}

func (s state) save(dir datadir.Dir) error { return durable.WriteJSON(file(dir), s) }

// Prepare claims the default data directory: what an earlier demonstration with
// other parameters left there is removed.
func Prepare(dir datadir.Dir, p Params) error {
	if err := Claim(dir, p); !errors.Is(err, ErrOther) {
		return err
	}
	if err := os.RemoveAll(string(dir)); err != nil {
		return fmt.Errorf("removing the last demonstration: %w", err)
	}
	return Claim(dir, p)
}
