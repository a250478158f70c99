package gate

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"brume/anonymize/exact"
	"brume/internal/crashpoint"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// ErrNoise is the alarm of a gate that cannot read back what an earlier step of
// a year stream drew: it is lost, or was drawn for another plan or registry. No
// further step may be released.
var ErrNoise = errors.New("the noise of an earlier step of a year stream cannot be read back")

// checkNoise asserts that every σ of the plans can be drawn: found out after
// RESERVED, a release would be charged and never drawn.
func (g *Gate) checkNoise() error {
	for _, y := range g.plans {
		for _, f := range y.Plan.Families {
			if err := exact.CheckNoise(f.Sigma); err != nil {
				return fmt.Errorf("year %s, family %s: %w", y.Plan.Policy.SchoolYear, f.Name, err)
			}
		}
	}
	return nil
}

// noiseName names the sealed noise of one stream beside its draft.
func noiseName(draft, family string) string { return draft + "/" + family }

// noiseContext binds sealed noise to its draft and to all that decides which
// cell each draw belongs to, and how large it is.
func (s stream) noiseContext(y Year, w policy.Window, draft string) []byte {
	f := s.family
	registry := y.Registry.Hash()
	data := fmt.Appendf(nil, "brume stream noise v1\x00%s\x00%s %s %v %s %x %x %s", draft,
		f.Name, f.Area, f.By, f.Measure, f.Sigma, registry, w.Label)
	for _, z := range y.Plan.Policy.Calendar.Zones {
		if y.Plan.Policy.InSession(z.Name, w) {
			data = fmt.Appendf(data, "\x00%s", z.Name)
		}
	}
	digest := sha256.Sum256(data)
	return digest[:]
}

// restNoise seals what a step drew under the year's key and rests it. It is of
// use only if the draft of that name is committed.
func (g *Gate) restNoise(ctx context.Context, y Year, w policy.Window, st *step, draft string, drawn *exact.Noise) ([]ledger.Noise, error) {
	if st == nil {
		return nil, nil
	}
	key, err := g.keys.StreamKey(w.Year)
	if err != nil {
		return nil, err
	}
	var named []ledger.Noise
	for i, s := range st.streams {
		sealed, err := drawn.Seal(key, s.noiseContext(y, w, draft), st.spans[i].from, st.spans[i].to)
		if err != nil {
			return nil, err
		}
		if err := g.log.Produce(ctx, topics.Streams, 0, kafka.SplitBlob(noiseName(draft, s.family.Name), sealed)...); err != nil {
			return nil, fmt.Errorf("resting the noise of a stream: %w", err)
		}
		crashpoint.Hit("gate.noise.after", string(policy.ReleaseID(w)))
		named = append(named, ledger.Noise{Family: s.family.Name, Sealed: ledger.HashOf(sealed)})
	}
	return named, nil
}

// history lists the earlier steps of a stream, in order, all of which MUST be
// committed: the ledger holds a reserved step to it.
func (g *Gate) history(y Year, s stream, w policy.Window) (steps []past, err error) {
	p := y.Plan.Policy
	for _, earlier := range p.Windows(policy.YearStream)[:w.Index] {
		c, _ := g.book.Chain.Committed(string(policy.ReleaseID(earlier)))
		for _, n := range c.Noise {
			if n.Family == s.family.Name {
				steps = append(steps, past{window: earlier, draft: c.Draft, named: n})
			}
		}
		_, areas := s.session(p, earlier)
		if n := len(steps); n > 0 && areas > 0 && steps[n-1].window.Index != earlier.Index {
			return nil, fmt.Errorf("family %s, %s: %w", s.family.Name, earlier.Label, ErrNoise)
		}
	}
	return steps, nil
}

// openNoise reads what the steps drew and checks it against the ledger.
func (g *Gate) openNoise(ctx context.Context, y Year, s stream, steps []past, block int) error {
	if len(steps) == 0 {
		return nil
	}
	key, err := g.keys.StreamKey(y.Plan.Policy.SchoolYear)
	if err != nil {
		return err
	}
	sealed, err := g.findNoise(ctx, s, steps)
	if err != nil {
		return err
	}
	for i := range steps {
		step := &steps[i]
		blob := sealed[noiseName(step.draft, s.family.Name)]
		if blob == nil || ledger.HashOf(blob) != step.named.Sealed {
			return fmt.Errorf("family %s, %s: %w", s.family.Name, step.window.Label, ErrNoise)
		}
		_, areas := s.session(y.Plan.Policy, step.window)
		step.noise, err = exact.OpenNoise(key, blob, s.noiseContext(y, step.window, step.draft), areas*block)
		if err != nil {
			return fmt.Errorf("family %s, %s: %w: %w", s.family.Name, step.window.Label, ErrNoise, err)
		}
	}
	return nil
}

// findNoise reads the streams topic for the sealed noise of steps, by name. A
// damaged copy of it may stand beside the right one.
func (g *Gate) findNoise(ctx context.Context, s stream, steps []past) (map[string][]byte, error) {
	wanted := map[string]ledger.Hash{}
	for _, step := range steps {
		wanted[noiseName(step.draft, s.family.Name)] = step.named.Sealed
	}
	first, _, err := g.log.Offsets(ctx, topics.Streams, 0)
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	var a kafka.Assembler
	_, err = g.log.ReadAll(ctx, topics.Streams, 0, first, func(r kafka.Record) error {
		name, payload, complete, err := a.Add(r.Value)
		if hash, ok := wanted[name]; err == nil && complete && ok && ledger.HashOf(payload) == hash {
			found[name] = payload
		}
		return err
	})
	return found, err
}
