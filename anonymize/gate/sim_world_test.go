package gate

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"log/slog"
	mrand "math/rand/v2"
	"slices"
	"testing"
	"time"

	"brume/anonymize/budget"
	"brume/anonymize/exact"
	"brume/anonymize/keys"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// sim is a small world in memory: topics, keys and a school year of four weeks
// and two half-terms in two zones, which have their holidays apart. Its gates
// live as coroutines: whoever is not resumed sleeps, for as long as it takes.
type sim struct {
	t     testing.TB
	r     *mrand.Rand
	year  Year   // by which partials are folded
	plans []Year // of the gates; nil: year alone
	logs  map[string][][]byte
	keys  map[string]aead
	dead  map[string]bool // releases whose key was destroyed
	gap   int             // the week of which partition 1 lost statements; -1: none
	goes  bool            // it says so of that week only, and its streams go on with what is left
	sent  [partitions]int
	seen  *ledger.Follower
	fates fates
	died  int // gates that were killed
}

// fates are the chances, in a thousand, that a call of a gate ends it before or
// after its effect, fails before or after it, or takes effect twice.
type fates struct{ killBefore, killAfter, failBefore, failAfter, twice int }

// aead is AES-GCM with a random nonce.
type aead struct{ key [32]byte }

func newAEAD() (a aead) { rand.Read(a.key[:]); return a }

func (a aead) Encrypt(plain, context []byte) ([]byte, error) {
	c, err := gcm(a.key[:])
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, c.NonceSize())
	rand.Read(nonce)
	return c.Seal(nonce, nonce, plain, context), nil
}

func (a aead) Decrypt(sealed, context []byte) ([]byte, error) {
	c, err := gcm(a.key[:])
	if err != nil || len(sealed) < c.NonceSize() {
		return nil, errors.New("not sealed")
	}
	return c.Open(nil, sealed[:c.NonceSize()], sealed[c.NonceSize():], context)
}

// hmacSigner signs quickly: the chain's rules are tested here, not Ed25519.
type hmacSigner struct{}

func (hmacSigner) Sign(data []byte) ([]byte, error) {
	m := hmac.New(sha256.New, []byte("simulated"))
	m.Write(data)
	return m.Sum(nil), nil
}

func (s hmacSigner) Verify(signature, data []byte) error {
	if want, _ := s.Sign(data); !hmac.Equal(want, signature) {
		return errors.New("forged")
	}
	return nil
}

// simYear is the year of every sim.
func simYear(t testing.TB) Year {
	t.Helper()
	p, err := policy.Default(schoolYear)
	if err != nil {
		t.Fatal(err)
	}
	p.Calendar = policy.Calendar{OtherZone: "A", Zones: []policy.Zone{
		{Name: "A", Weeks: []string{"2026-W36", "2026-W37", "2026-W39"}, HalfTerms: []policy.HalfTerm{
			{Name: "P1", First: "2026-W36", Last: "2026-W37"}, {Name: "P2", First: "2026-W39", Last: "2026-W39"}}},
		{Name: "B", Weeks: []string{"2026-W37", "2026-W38", "2026-W39"}, HalfTerms: []policy.HalfTerm{
			{Name: "P1", First: "2026-W37", Last: "2026-W38"}, {Name: "P2", First: "2026-W39", Last: "2026-W39"}}},
	}}
	family := func(name string, c policy.Cadence, a policy.Area, share float64) policy.Family {
		return policy.Family{Name: name, Cadence: c, Area: a, Measure: policy.Active, Cells: 1, Cap: 1, Share: share, Force: true}
	}
	p.Families = []policy.Family{
		family("week", policy.Weekly, policy.BySchool, 0.3),
		family("period", policy.Periodic, policy.ByDepartment, 0.3),
		family("ever", policy.YearStream, policy.BySchool, 0.2),
		family("ever_department", policy.YearStream, policy.ByDepartment, 0.2),
	}
	return planned(t, p)
}

// planned plans a policy over the sims' registry.
func planned(t testing.TB, p *policy.Policy) Year {
	t.Helper()
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return Year{Plan: plan, Facts: ledger.Facts{Partitions: partitions}, Registry: &registry.Registry{
		Departments: []registry.Department{{Code: "36", Zone: "A"}, {Code: "69", Zone: "B"}},
		Schools: []registry.School{
			{UAI: 1, Department: "36"}, {UAI: 2, Department: "69"}, {UAI: 3, Department: "36"},
		},
	}}
}

func newSim(t testing.TB, y Year, seed uint64) *sim {
	s := &sim{
		t: t, r: mrand.New(mrand.NewPCG(seed, 1)), year: y, gap: -1,
		logs: map[string][][]byte{}, keys: map[string]aead{"year": newAEAD()}, dead: map[string]bool{},
	}
	s.seen = ledger.NewFollower(s.readLedger, hmacSigner{}, &memory{})
	return s
}

func (s *sim) readLedger(_ context.Context, from int64, fn func([]byte) error) (int64, error) {
	values := s.logs[topics.Ledger]
	for _, v := range values[from:] {
		if err := fn(v); err != nil {
			return from, err
		}
	}
	return int64(len(values)), nil
}

// chain returns the ledger as it stands.
func (s *sim) chain() *ledger.Chain {
	s.t.Helper()
	if err := s.seen.Sync(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return &s.seen.Chain
}

// life is one gate of a sim, from its start to its end.
type life struct {
	*sim
	yield func(struct{}) bool
	over  bool
	fates fates
}

var errLost = errors.New("no answer")

// do runs one call of the gate as its fate wants, and rests before it.
func (l *life) do(effect func() error) error {
	if l.over = l.over || l.yield != nil && !l.yield(struct{}{}); l.over {
		return errKilled
	}
	dice := l.r.IntN(1000)
	for _, fate := range []struct {
		chance                int
		kills, before, repeat bool
	}{
		{l.fates.killBefore, true, true, false}, {l.fates.killAfter, true, false, false},
		{l.fates.failBefore, false, true, false}, {l.fates.failAfter, false, false, false},
		{l.fates.twice, false, false, true},
	} {
		if dice -= fate.chance; dice >= 0 {
			continue
		}
		if l.over = fate.kills; l.over {
			l.died++
		}
		if !fate.before {
			_ = effect()
		}
		switch {
		case l.over:
			return errKilled
		case fate.repeat:
			return effect()
		}
		return errLost
	}
	return effect()
}

func (l *life) Offsets(_ context.Context, topic string, _ int) (first, next int64, err error) {
	err = l.do(func() error { next = int64(len(l.logs[topic])); return nil })
	return 0, next, err
}

func (l *life) ReadAll(_ context.Context, topic string, _ int, from int64, fn func(kafka.Record) error) (next int64, err error) {
	next = from
	err = l.do(func() error {
		for next < int64(len(l.logs[topic])) {
			if err := fn(kafka.Record{Offset: next, Value: l.logs[topic][next]}); err != nil {
				return err
			}
			next++
		}
		return nil
	})
	return next, err
}

func (l *life) Produce(_ context.Context, topic string, _ int, values ...[]byte) error {
	return l.do(func() error {
		l.logs[topic] = append(l.logs[topic], values...)
		if topic == topics.Releases {
			l.published(values)
		}
		return nil
	})
}

func (l *life) ReleaseKey(id string) (key exact.AEAD, err error) {
	err = l.do(func() error { key, err = l.releaseKey(id); return err })
	return key, err
}

func (s *sim) releaseKey(id string) (exact.AEAD, error) {
	if s.dead[id] {
		return nil, keys.ErrDestroyed
	}
	if _, known := s.keys[id]; !known {
		s.keys[id] = newAEAD()
	}
	return s.keys[id], nil
}

func (l *life) DestroyReleaseKey(id string) error {
	return l.do(func() error { l.dead[id] = true; delete(l.keys, id); return nil })
}

func (l *life) StreamKey(string) (key exact.AEAD, err error) {
	err = l.do(func() error { key = l.keys["year"]; return nil })
	return key, err
}

func (l *life) InputsMAC(string) (func([]byte) [32]byte, error) {
	return func(data []byte) [32]byte { return sha256.Sum256(data) }, nil
}

// gate returns a fresh gate of this life.
func (l *life) gate() *Gate {
	follower := ledger.NewFollower(func(ctx context.Context, from int64, fn func([]byte) error) (int64, error) {
		return l.ReadAll(ctx, topics.Ledger, 0, from, func(r kafka.Record) error { return fn(r.Value) })
	}, hmacSigner{}, &memory{})
	book := budget.NewBook(follower, func(ctx context.Context, value []byte) error {
		return l.Produce(ctx, topics.Ledger, 0, value)
	}, hmacSigner{}, time.Now)
	plans := l.plans
	if plans == nil {
		plans = []Year{l.year}
	}
	return New(l, l, book, plans, slog.New(slog.DiscardHandler))
}

// live is one gate's life: start, then a few looks.
func (s *sim) live(yield func(struct{}) bool, f fates, looks int) error {
	g := (&life{sim: s, yield: yield, fates: f}).gate()
	if err := g.Start(context.Background()); err != nil {
		return err
	}
	for range looks {
		if err := g.Step(context.Background()); err != nil {
			return err
		}
	}
	return nil
}

// windows lists the year's releases in the order in which a partition closes
// them.
func (s *sim) windows() (out []policy.Window) {
	for _, c := range cadences {
		out = append(out, s.year.Plan.Policy.Windows(c)...)
	}
	slices.SortStableFunc(out, func(a, b policy.Window) int { return a.End.Compare(b.End) })
	return out
}

// gapped says whether partition p says that it lost what it had of a window.
func (s *sim) gapped(p int, w policy.Window) bool {
	if s.gap < 0 || p != 1 {
		return false
	}
	lost := s.year.Plan.Policy.Windows(policy.Weekly)[s.gap]
	if w.Cadence == policy.YearStream {
		return w.Index == s.gap || w.Index > s.gap && !s.goes
	}
	return w.Start.Before(lost.End) && lost.Start.Before(w.End)
}

// total is what partition p adds to a cell of a window.
func total(p, cell int, w policy.Window) int64 { return int64(100*p + 10*cell + w.Index) }

// send rests the k-th partial of partition p, as its cohort would.
func (s *sim) send(p, k int) {
	s.t.Helper()
	w := s.windows()[k]
	id := string(policy.ReleaseID(w))
	name, v := PartialName(id, p), exact.New(s.year.Plan.Layout(s.year.Registry, w).Len())
	if s.gapped(p, w) {
		name = GappedName(id, p)
	} else {
		for cell := range v.Len() {
			if err := v.Add(cell, total(p, cell, w)); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	key, err := s.releaseKey(id)
	if err != nil {
		return // released, or never will be
	}
	sealed, err := v.Seal(key, PartialContext(name, s.year.Plan, s.year.Registry))
	if err != nil {
		s.t.Fatal(err)
	}
	s.logs[topics.Partials] = append(s.logs[topics.Partials], kafka.SplitBlob(name, sealed)...)
}
