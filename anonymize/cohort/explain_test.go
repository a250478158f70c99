package cohort

import (
	"testing"

	"brume/schemas/control"
	"brume/schemas/policy"
)

// What was asked for outlives a snapshot: a restored partition folds nothing of
// who objected or was erased, holds nothing of what was erased, and says so.
func TestRightsOutliveASnapshot(t *testing.T) {
	y := newYear(t)
	for _, kind := range []control.Kind{control.Object, control.Erase} {
		p := open(t, y)
		e := at(y, "a", 0, 1)
		p.Fold(&e, logged)
		pupil := y.key.Of(policy.ScopeShared, e.Actor.Reveal())
		if _, err := p.Control(control.Record{Kind: kind, Year: y.Name, Token: y.key.Token(pupil)}); err != nil {
			t.Fatal(err)
		}
		s, err := p.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		restored, err := Restore(Env{y.Name: y}, s)
		if err != nil {
			t.Fatal(err)
		}
		e.Fingerprint = 2
		restored.Fold(&e, logged)
		if n := restored.Counts(); n.Folded != 1 || n.Dropped[DropObjection]+n.Dropped[DropErased] != 1 {
			t.Errorf("%v: %d folded, dropped %v", kind, n.Folded, n.Dropped)
		}
		h := restored.Held(y.Name, pupil)
		if !h.Known || h.Weeks != 1 || len(h.Open) == 0 || h.Objected != (kind == control.Object) || h.Erased != (kind == control.Erase) {
			t.Fatalf("%v: holds %+v", kind, h)
		}
		for _, w := range h.Open {
			if w.Erased != h.Erased || h.Erased && (w.School != "" || len(w.Cells) > 0) || !h.Erased && len(w.Cells) == 0 {
				t.Errorf("%v: holds of %s %+v", kind, w.Window.Label, w)
			}
		}
	}
}

// A pupil is told of the own contributions and of nobody else's.
func TestHeldIsOfOnePupil(t *testing.T) {
	y := newYear(t)
	p := open(t, y)
	for i, name := range []string{"a", "b", "b"} {
		e := at(y, name, i, uint64(i+1))
		p.Fold(&e, logged)
	}
	weeks := map[string]int{"a": 1, "b": 2, "c": 0}
	for name, want := range weeks {
		e := at(y, name, 0, 9)
		h := p.Held(y.Name, y.key.Of(policy.ScopeShared, e.Actor.Reveal()))
		open := 0
		for _, w := range h.Open {
			if w.Window.Cadence == policy.Weekly {
				open++
			}
		}
		if h.Known != (want > 0) || open != want || h.Weeks != want {
			t.Errorf("%s: holds %+v, want %d weeks", name, h, want)
		}
	}
	if h := p.Held("2027-2028", y.key.Of(policy.ScopeShared, "x")); h.Known {
		t.Errorf("a year that was never opened: %+v", h)
	}
}

// A year whose part cannot be opened any more is left out, also when it is not
// configured any more; the partition goes on where it stood.
func TestRestoreWithoutADestroyedYear(t *testing.T) {
	y := newYear(t)
	p := open(t, y)
	e := at(y, "a", 0, 1)
	p.Fold(&e, logged)
	p.Advance(7)
	s, err := p.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	delete(s.Years, y.Name)
	restored, err := Restore(Env{}, s)
	if err != nil {
		t.Fatal(err)
	}
	if restored.Next() != 7 || len(restored.Years()) != 0 || restored.Counts().Folded != 1 {
		t.Errorf("at %d with years %v", restored.Next(), restored.Years())
	}
}
