package mapping

import "brume/schemas/xapi"

// maxPositions is how many entries of a list a * looks at: as many as the
// longest lists have in the samples that the shipped mappings are tried on.
const maxPositions = 4

// lookup returns the first code that the rules find, and zero (other) when
// there is none; code gives zero for what it does not know. What the rules did
// goes to the trail, which may be nil.
func lookup[T comparable](rules []Rule, st *xapi.Statement, code func(string) T, t *trail) (known T) {
	var other T
	for i := range rules {
		r := &rules[i]
		t.rule(i)
		if r.Fixed != "" {
			if c := code(r.Fixed); c != other {
				t.fixed(r.Fixed)
				return c
			}
			continue
		}
		here := false
		for p := range r.paths {
			c, found := lookupAt(r, p, st, code, t)
			if c != other {
				return c
			}
			here = here || found
		}
		if r.Absent && !here {
			return code("")
		}
	}
	return other
}

// lookupAt tries one pointer of a rule; found says whether anything stands
// there.
func lookupAt[T comparable](r *Rule, pointer int, st *xapi.Statement, code func(string) T, t *trail) (known T, found bool) {
	var other T
	path := &r.paths[pointer]
	for n := range maxPositions {
		text, more := path.at(st, n)
		if !more {
			break
		}
		if text == "" {
			continue
		}
		found = true
		if r.Absent {
			break
		}
		value, fits := r.read(text)
		if !fits {
			t.step(r.Pointer[pointer], text, "", unfit)
			continue
		}
		if c := code(value); c != other {
			t.step(r.Pointer[pointer], text, value, taken)
			return c, true
		}
		t.step(r.Pointer[pointer], text, value, notInRegistry)
	}
	if !found {
		t.step(r.Pointer[pointer], "", "", nothing)
	}
	return other, found
}

// holds says whether one of the rules finds a value.
func holds(rules []Rule, st *xapi.Statement, t *trail) bool {
	return lookup(rules, st, func(string) bool { return true }, t)
}
