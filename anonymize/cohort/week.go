package cohort

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"

	"brume/anonymize/pseudonym"
	"brume/schemas/event"
)

// Home schools that are no index of the registry.
const (
	otherSchool = int32(-1)
	erased      = int32(-2)
)

// week holds one open weekly window's contributions, one row for each active
// pupil, column by column.
type week struct {
	rowOf    []uint32 // by pupil: row + 1, 0 when not active
	pupil    []uint32
	home     []int32  // registry index of the home school
	levels   []uint64 // set of level slots seen
	outcomes []uint16 // per row and subject slot: failures, successes; saturating
}

// row returns the pupil's row, or false when the pupil is not active yet.
func (w *week) row(pupil uint32) (int, bool) {
	if int(pupil) >= len(w.rowOf) || w.rowOf[pupil] == 0 {
		return 0, false
	}
	return int(w.rowOf[pupil] - 1), true
}

// add makes a row for a pupil who has none.
func (w *week) add(pupil uint32, home int32, subjects int) int {
	if n := int(pupil) + 1; n > len(w.rowOf) {
		w.rowOf = append(w.rowOf, make([]uint32, n-len(w.rowOf))...)
	}
	w.pupil = append(w.pupil, pupil)
	w.home = append(w.home, home)
	w.levels = append(w.levels, 0)
	w.outcomes = append(w.outcomes, make([]uint16, 2*subjects)...)
	w.rowOf[pupil] = uint32(len(w.pupil))
	return len(w.pupil) - 1
}

// fold adds one event's facts to a row.
func (w *week) fold(row int, e *event.Event, y *Year) {
	w.levels[row] |= 1 << y.levels.slot[e.Level]
	if e.Outcome == event.NoOutcome {
		return
	}
	i := 2 * (row*y.subjects.len() + int(y.subjects.slot[e.Subject]))
	if e.Outcome == event.Success {
		i++
	}
	if w.outcomes[i] < math.MaxUint16 {
		w.outcomes[i]++
	}
}

// clear forgets a row's contributions, for an erasure.
func (w *week) clear(row, subjects int) {
	w.home[row], w.levels[row] = erased, 0
	clear(w.outcomes[2*row*subjects : 2*(row+1)*subjects])
}

// rank orders the cells among which a pupil's are chosen: uniformly, and
// independently of order, replay and rebalancing.
func rank(key []byte, p pseudonym.Pseudonym, what string, cell uint32) uint64 {
	mac := hmac.New(sha256.New, key)
	mac.Write(p[:])
	mac.Write(binary.BigEndian.AppendUint32([]byte(what), cell))
	return binary.BigEndian.Uint64(mac.Sum(nil))
}

// chooseHome returns the home school of a pupil who was seen in two: a known
// one before an unknown one, else the first by keyed hash.
func chooseHome(key []byte, p pseudonym.Pseudonym, y *Year, a, b int32) int32 {
	switch {
	case a == b || b == otherSchool:
		return a
	case a == otherSchool:
		return b
	}
	uai := func(i int32) uint32 { return uint32(y.Registry.Schools[i].UAI) }
	if rank(key, p, "school", uai(b)) < rank(key, p, "school", uai(a)) {
		return b
	}
	return a
}
