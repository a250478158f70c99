package readback

import (
	"hash/maphash"
	"strings"

	"brume/schemas/xapi"
)

// digestSlots times 16 bytes, half a MiB, is what digests take.
const digestSlots = 1 << 15

// digests remembers what counts in the last statements, as far as it was
// decoded. The hashes are keyed with a key of this process, so they say nothing
// to anybody else.
type digests struct {
	seed  maphash.Seed
	slots []digest // made when first needed
}

// digest is that of one statement. A newer one takes the place of an older one
// whose id falls on the same slot.
type digest struct {
	id    uint64
	facts uint32
	time  uint32 // 0: the sender gave none
}

// put remembers a statement, unless an earlier one had its id, which hash is
// that of.
func (d *digests) put(hash uint64, st *xapi.Statement) {
	if d.slots == nil {
		d.slots = make([]digest, digestSlots)
	}
	if slot := d.slot(hash); slot.id != hash {
		*slot = digest{hash, d.facts(st), d.when(st)}
	}
}

// differ says whether another statement had the id.
func (d *digests) differ(hash uint64, st *xapi.Statement) bool {
	if d.slots == nil {
		return false
	}
	slot, at := d.slot(hash), d.when(st)
	return slot.id == hash && (slot.facts != d.facts(st) || at != 0 && slot.time != 0 && at != slot.time)
}

func (d *digests) slot(hash uint64) *digest { return &d.slots[hash%digestSlots] }

// facts digests what two statements must share, in the case in which it counts.
func (d *digests) facts(st *xapi.Statement) uint32 {
	r := &st.Result
	sum := d.mix(0, st.Actor.HomePage)
	sum = d.mix(sum, lower(st.Actor.Value, st.Actor.Identifier == xapi.Mbox))
	sum = d.mix(sum, st.Verb)
	sum = d.mix(sum, lower(st.Object.ID, st.Object.Type == xapi.StatementRef))
	sum ^= uint64(st.Actor.Identifier)<<24 | uint64(st.Object.Type)<<16 | uint64(uint8(r.Success))<<8 | uint64(uint8(r.Completion))
	if r.Score != (xapi.Score{}) || r.HasDuration {
		sum ^= maphash.Comparable(d.seed, r.Score) ^ maphash.Comparable(d.seed, r.Duration)*mixer
	}
	return uint32(sum * mixer >> 32)
}

const mixer = 0x9e3779b97f4a7c15

func (d *digests) mix(sum uint64, s string) uint64 { return (sum ^ maphash.String(d.seed, s)) * mixer }

func lower(s string, which bool) string {
	if which {
		return strings.ToLower(s)
	}
	return s
}

// when digests a statement's timestamp.
func (d *digests) when(st *xapi.Statement) uint32 {
	if st.Timestamp.IsZero() {
		return 0
	}
	return uint32(uint64(st.Timestamp.UnixNano())*mixer>>32) | 1
}
