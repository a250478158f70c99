package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
)

// Hash is the SHA-256 of the policy's canonical encoding: equal policies have
// equal hashes whatever the layout, comments and key order of their YAML.
func (p *Policy) Hash() [32]byte {
	e := encoder("brume policy 1\n")
	e.text(p.Name, p.SchoolYear, p.Timezone)
	e.float(p.Epsilon, p.Delta, p.MaxError)
	e.number(int64(p.LateWindows))
	e.text(p.Identity.Scope)
	e.set(p.Identity.HomePages)
	e.number(int64(p.Identity.Publishers))
	e.text(p.Calendar.OtherZone)
	e.number(int64(len(p.Calendar.Zones)))
	for _, z := range p.Calendar.Zones {
		e.text(z.Name)
		e.number(int64(len(z.Weeks)))
		e.text(z.Weeks...)
		e.number(int64(len(z.HalfTerms)))
		for _, h := range z.HalfTerms {
			e.text(h.Name, h.First, h.Last)
		}
	}
	e.number(int64(len(p.Families)))
	for _, f := range p.Families {
		e.family(f)
	}
	if p.From != "" {
		e.text(p.From)
	}
	return sha256.Sum256(e)
}

// encoder appends length-prefixed values, so that no two policies share an
// encoding.
type encoder []byte

func (e *encoder) family(f Family) {
	e.text(f.Name, string(f.Cadence), string(f.Area), string(f.Measure))
	by := make([]string, len(f.By))
	for i, d := range f.By {
		by[i] = string(d)
	}
	e.set(by)
	e.number(int64(f.Cells), f.Cap)
	e.float(f.Share)
	force := int64(0)
	if f.Force {
		force = 1
	}
	e.number(force)
}

func (e *encoder) text(values ...string) {
	for _, v := range values {
		*e = binary.AppendUvarint(*e, uint64(len(v)))
		*e = append(*e, v...)
	}
}

// set encodes a list whose order has no meaning.
func (e *encoder) set(values []string) {
	e.number(int64(len(values)))
	e.text(slices.Sorted(slices.Values(values))...)
}

func (e *encoder) number(values ...int64) {
	for _, v := range values {
		*e = binary.AppendVarint(*e, v)
	}
}

func (e *encoder) float(values ...float64) {
	for _, v := range values {
		*e = binary.BigEndian.AppendUint64(*e, math.Float64bits(v))
	}
}
