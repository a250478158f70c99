package proof

import (
	"context"
	"maps"
	"slices"

	"brume/internal/kafka"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// Tried is what was tried in one topic.
type Tried struct {
	Topic  string `json:"topic"`
	Sealed int    `json:"sealed"` // what rests there sealed
	Opened int    `json:"opened"` // of that, what a key that was found opened
}

// Result is what the proof found.
type Result struct {
	Year   string   `json:"year"`
	Keys   int      `json:"keys"` // found and tried
	Tried  []Tried  `json:"tried"`
	Copies []string `json:"copies"` // files that hold a key of the year
}

// Holds says whether nothing opened and no copy was found.
func (r Result) Holds() bool {
	return len(r.Copies) == 0 && !slices.ContainsFunc(r.Tried, func(t Tried) bool { return t.Opened > 0 })
}

// Probe is something that a key of the year sealed just before it was
// destroyed: a copy of the key is known by it even if nothing rests.
type Probe struct{ Sealed, Context []byte }

// Year says what is to be proved, and where keys may be.
type Year struct {
	Plans      []*policy.Plan // all that the year has had
	Registry   *registry.Registry
	Kafka      *kafka.Client
	Partitions int
	Dirs       []string // searched for keys
	Wrapped    Unwrap   // reads those that rest wrapped
	Pseudonym  [32]byte // name of the year's pseudonym key, as the ledger knows it
	Probes     []Probe  // none: what rests must do
	copies     []found  // all that was found
	guilty     map[string]bool
}

// Name is the school year's.
func (y Year) Name() string { return y.Plans[0].Policy.SchoolYear }

// Prove tries every key on everything.
func (y Year) Prove(ctx context.Context) (Result, error) {
	var err error
	if y.copies, err = search(y.Dirs, y.Wrapped); err != nil {
		return Result{}, err
	}
	y.guilty = map[string]bool{}
	r := Result{Year: y.Name(), Keys: len(y.copies)}
	y.recognise()
	for _, try := range []func(context.Context) (Tried, error){y.snapshots, y.partials, y.noise, y.statements} {
		t, err := try(ctx)
		if err != nil {
			return r, err
		}
		r.Tried = append(r.Tried, t)
	}
	r.Copies = slices.AppendSeq([]string{}, maps.Keys(y.guilty))
	slices.Sort(r.Copies)
	return r, nil
}

// recognise finds copies of the year's keys by their name and by the probes.
func (y Year) recognise() {
	for _, f := range y.copies {
		if f.prf != nil && f.prf.ID() == y.Pseudonym {
			y.guilty[f.file] = true
		}
	}
	for _, p := range y.Probes {
		y.open(p.Sealed, p.Context)
	}
}

// open tries every AEAD key under each context that the record may be bound to,
// and notes the files of those that open.
func (y Year) open(sealed []byte, contexts ...[]byte) (opened bool) {
	for _, f := range y.copies {
		for _, context := range contexts {
			if f.aead == nil {
				continue
			}
			if plain, err := f.aead.Decrypt(sealed, context); err == nil {
				clear(plain)
				y.guilty[f.file], opened = true, true
			}
		}
	}
	return opened
}
