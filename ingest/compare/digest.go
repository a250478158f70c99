package compare

import (
	"hash/maphash"

	"brume/schemas/xapi"
)

// Digester digests what counts of decoded statements. Its key is its own, so
// that a digest says nothing to anybody else.
type Digester struct{ seed maphash.Seed }

// NewDigester makes a digester with a new key.
func NewDigester() Digester { return Digester{maphash.MakeSeed()} }

// Digest is that of one statement.
type Digest struct {
	facts uint32
	time  uint32 // 0: the sender gave none
}

// Differs says that two digests are of statements that are not the same. It
// MUST be true of none that Same calls the same.
func (d Digest) Differs(other Digest) bool {
	return d.facts != other.facts || d.time != 0 && other.time != 0 && d.time != other.time
}

// Digest digests a statement. It is cheap: no text is read again.
func (d Digester) Digest(st *xapi.Statement) Digest {
	var at uint32
	if !st.Timestamp.IsZero() {
		at = uint32(uint64(st.Timestamp.UnixNano())*mixer>>32) | 1
	}
	return Digest{d.facts(st), at}
}

// facts digests what two statements must share.
func (d Digester) facts(st *xapi.Statement) uint32 {
	actor, r := st.Actor.Value, &st.Result
	if st.Actor.Identifier == xapi.Mbox {
		actor = Mail(actor)
	}
	sum := d.mix(0, st.Actor.HomePage)
	sum = d.mix(sum, actor)
	sum = d.mix(sum, st.Verb)
	sum = d.mix(sum, ident(st.Object.ID))
	sum ^= uint64(st.Actor.Identifier)<<24 | uint64(st.Object.Type)<<16 | uint64(uint8(r.Success))<<8 | uint64(uint8(r.Completion))
	if r.Score != (xapi.Score{}) {
		sum ^= maphash.Comparable(d.seed, r.Score)
	}
	if r.DurationText != "" {
		sum = d.mix(sum, xapi.Hundredths(r.DurationText))
	}
	return uint32(sum * mixer >> 32)
}

const mixer = 0x9e3779b97f4a7c15

func (d Digester) mix(sum uint64, s string) uint64 { return (sum ^ maphash.String(d.seed, s)) * mixer }
