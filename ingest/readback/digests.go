package readback

import (
	"brume/ingest/compare"
	"brume/schemas/xapi"
)

// digestSlots times 16 bytes, half a MiB, is what digests take.
const digestSlots = 1 << 15

// digests remembers what counts in the last statements, as far as it was
// decoded.
type digests struct {
	of    compare.Digester
	slots []slot // made when first needed
}

// slot is that of one statement. A newer one takes the place of an older one
// whose id falls on the same slot.
type slot struct {
	id     uint64
	digest compare.Digest
}

// put remembers a statement, unless an earlier one had its id, which hash is
// that of.
func (d *digests) put(hash uint64, st *xapi.Statement) {
	if d.slots == nil {
		d.slots = make([]slot, digestSlots)
	}
	if s := d.slot(hash); s.id != hash {
		*s = slot{hash, d.of.Digest(st)}
	}
}

// differ says whether another statement had the id.
func (d *digests) differ(hash uint64, st *xapi.Statement) bool {
	if d.slots == nil {
		return false
	}
	s := d.slot(hash)
	return s.id == hash && s.digest.Differs(d.of.Digest(st))
}

func (d *digests) slot(hash uint64) *slot { return &d.slots[hash%digestSlots] }
