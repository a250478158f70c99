package gate

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"iter"
	"math"
	"slices"
	"testing"

	"brume/anonymize/budget"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// crashes is how many gates TestCrashes kills; make crashes kills more.
var crashes = flag.Int("crashes", 10_000, "gates that TestCrashes kills")

// ★ Gates that work at once, one to three, are killed before and after any of
// their calls, sleep for as long as it takes others to finish, lose answers and
// write twice; partitions lose statements. Whatever happens every release ends
// with one charge, one commitment and one value, no value is public before it is
// committed, and each step's noise is that of the committed draws. The draws of
// what happens are seeded: a failure comes again.
func TestCrashes(t *testing.T) {
	year, died, worlds := simYear(t), 0, uint64(0)
	for ; died < *crashes; worlds++ {
		s := newSim(t, year, worlds)
		s.play()
		s.settle()
		s.check()
		if t.Failed() {
			t.Fatalf("world %d", worlds)
		}
		died += s.died
	}
	t.Logf("%d gates killed in %d worlds", died, worlds)
}

// play lets gates live and die while partials arrive.
func (s *sim) play() {
	s.fates = fates{killBefore: s.r.IntN(80), killAfter: s.r.IntN(80), failBefore: s.r.IntN(10), failAfter: s.r.IntN(10), twice: s.r.IntN(20)}
	if s.r.IntN(4) == 0 {
		s.gap, s.goes = s.r.IntN(4), s.r.IntN(2) == 0
	}
	gates := make([]*coroutine, 1+s.r.IntN(3))
	for range 1000 + s.r.IntN(2000) {
		i := s.r.IntN(len(gates))
		switch g := gates[i]; {
		case s.r.IntN(60) == 0:
			s.arrive()
		case g == nil:
			gates[i] = s.spawn()
		case g.asleep > 0:
			g.asleep--
		case !g.resume():
			gates[i] = nil
		case s.r.IntN(60) == 0:
			g.asleep = s.r.IntN(300)
		}
	}
	for _, g := range gates {
		if g != nil {
			g.stop()
		}
	}
}

// coroutine is a gate that runs from one of its calls to the next.
type coroutine struct {
	next   func() (struct{}, bool)
	stop   func()
	asleep int // turns that it misses
}

func (c *coroutine) resume() bool { _, alive := c.next(); return alive }

func (s *sim) spawn() *coroutine {
	looks := 1 + s.r.IntN(6)
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		err := s.live(yield, s.fates, looks)
		if err != nil && !errors.Is(err, errKilled) && !errors.Is(err, errLost) {
			s.t.Errorf("a gate stopped: %v", err)
		}
	})
	return &coroutine{next: next, stop: stop}
}

// arrive lets a partition send its next partial, or an old one again.
func (s *sim) arrive() {
	p := s.r.IntN(partitions)
	if s.sent[p] > 0 && s.r.IntN(4) == 0 {
		s.send(p, s.r.IntN(s.sent[p]))
	} else if s.sent[p] < len(s.windows()) {
		s.send(p, s.sent[p])
		s.sent[p]++
	}
}

// settle sends what is missing and lets two gates finish, one after the other.
func (s *sim) settle() {
	s.t.Helper()
	for p := range partitions {
		for ; s.sent[p] < len(s.windows()); s.sent[p]++ {
			s.send(p, s.sent[p])
		}
	}
	for range 2 {
		if err := s.live(nil, fates{}, 2); err != nil {
			s.t.Fatalf("the last gate: %v", err)
		}
	}
}

// published requires that what appears in public is committed, and paid.
func (s *sim) published(values [][]byte) {
	s.t.Helper()
	chain := s.chain()
	var a kafka.Assembler
	for _, v := range values {
		name, payload, complete, err := a.Add(v)
		c, done := chain.Committed(name)
		if err != nil || !complete || !done || c.Payload != ledger.Hash(release.Hash(payload)) {
			s.t.Errorf("%s was published, and that value not committed", name)
		}
	}
}

// ends says whether a window is of a stream that had ended.
func (s *sim) ends(w policy.Window) bool {
	return w.Cadence == policy.YearStream && s.gap >= 0 && w.Index >= s.gap
}

// check requires one charge, one commitment and one value of each release, and
// none of a stream that has ended.
func (s *sim) check() {
	s.t.Helper()
	chain, public := s.chain(), s.public()
	want, paid := map[string]int64{}, map[string]bool{}
	for _, w := range s.windows() {
		id := string(policy.ReleaseID(w))
		_, reserved := chain.Reserved(id)
		c, done := chain.Committed(id)
		if !s.dead[id] {
			s.t.Errorf("%s: the key of its partials and drafts lives", id)
		}
		if s.ends(w) {
			if reserved || done || len(public[id]) > 0 {
				s.t.Errorf("%s: reserved %v, committed %v, %d values, of streams that had ended", id, reserved, done, len(public[id]))
			}
			continue
		}
		if !reserved || !done || len(public[id]) != 1 || ledger.Hash(release.Hash(public[id][0])) != c.Payload {
			s.t.Fatalf("%s: reserved %v, committed %v, %d values", id, reserved, done, len(public[id]))
		}
		for _, cost := range budget.Costs(s.year.Plan, w) {
			if w.Cadence == policy.YearStream && paid[cost.Family+cost.Zone] {
				continue
			}
			paid[cost.Family+cost.Zone] = true
			want[cost.Zone] += cost.Nano
		}
		s.checkValue(w, c, public[id][0])
	}
	if got := chain.SpentByZone(schoolYear); fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("spent %v, want one charge for each release: %v", got, want)
	}
}

// public returns the distinct payloads of each release.
func (s *sim) public() map[string][][]byte {
	s.t.Helper()
	out := map[string][][]byte{}
	var a kafka.Assembler
	for _, v := range s.logs[topics.Releases] {
		name, payload, complete, err := a.Add(v)
		if err != nil {
			s.t.Fatal(err)
		}
		if complete {
			out[name] = append(out[name], payload)
		}
	}
	return out
}

// checkValue requires the planned cells and, of a step, exactly the noise of the
// draws that are committed.
func (s *sim) checkValue(w policy.Window, c ledger.Committed, payload []byte) {
	s.t.Helper()
	r, err := release.Decode(payload, c.Payload)
	if err != nil {
		s.t.Fatal(err)
	}
	if incomplete := s.gapped(1, w); r.Incomplete != incomplete || c.Incomplete != incomplete {
		s.t.Errorf("%s: payload incomplete %v, COMMITTED %v, want %v", r.ID, r.Incomplete, c.Incomplete, incomplete)
	}
	cells := s.year.Plan.Cells(s.year.Registry, w)
	if len(cells) != len(r.Cells) {
		s.t.Fatalf("%s: %d cells, want %d", r.ID, len(r.Cells), len(cells))
	}
	for i, cell := range r.Cells {
		sigma, noise, square := cells[i].Sigma, 0.0, 1.0
		if w.Cadence == policy.YearStream {
			noise, square = s.noise(w, cell)
			if got, want := cell.Value-total(0, i, w)-total(1, i, w), int64(math.Round(noise)); got != want {
				s.t.Errorf("%s, %s of %s: the noise is %d, the committed draws give %d", r.ID, cell.Family, cell.Area, got, want)
			}
		}
		if math.Abs(cell.Sigma-sigma*math.Sqrt(square)) > 1e-9*cell.Sigma {
			s.t.Errorf("%s, %s of %s: σ = %v, want %v", r.ID, cell.Family, cell.Area, cell.Sigma, sigma*math.Sqrt(square))
		}
	}
}

// noise adds up by hand the noise of a cell at a step: the committed draws of
// its zone's steps so far, the last one whole, those before it as 1/2, 3/8, …
func (s *sim) noise(w policy.Window, cell release.Cell) (sum, squares float64) {
	s.t.Helper()
	zone := "A" // departments 36 and Other, their schools
	if cell.Area == "69" || cell.Area == registry.UAI(2).String() {
		zone = "B"
	}
	var draws []float64
	for _, earlier := range s.year.Plan.Policy.Windows(policy.YearStream)[:w.Index+1] {
		if !s.year.Plan.Policy.InSession(zone, earlier) {
			continue
		}
		c, done := s.chain().Committed(string(policy.ReleaseID(earlier)))
		if !done {
			s.t.Fatalf("%s: released before %s", w.Label, earlier.Label)
		}
		var order []string
		for _, other := range s.year.Plan.Cells(s.year.Registry, earlier) {
			if other.Family == cell.Family {
				order = append(order, other.Area)
			}
		}
		draws = append(draws, s.draws(c, cell.Family, earlier)[slices.Index(order, cell.Area)])
	}
	factors := []float64{1, 1. / 2, 3. / 8, 5. / 16}
	for i := range draws {
		f := factors[i]
		sum += f * draws[len(draws)-1-i]
		squares += f * f
	}
	return sum, squares
}

// draws opens what a commitment's step drew for a family.
func (s *sim) draws(c ledger.Committed, family string, w policy.Window) (z []float64) {
	s.t.Helper()
	at := slices.IndexFunc(c.Noise, func(n ledger.Noise) bool { return n.Family == family })
	var a kafka.Assembler
	for _, v := range s.logs[topics.Streams] {
		name, sealed, complete, err := a.Add(v)
		if err != nil {
			s.t.Fatal(err)
		}
		if !complete || name != noiseName(c.Draft, family) || ledger.HashOf(sealed) != c.Noise[at].Sealed {
			continue
		}
		streams := s.year.streams()
		i := slices.IndexFunc(streams, func(st stream) bool { return st.family.Name == family })
		plain, err := s.keys["year"].Decrypt(sealed, streams[i].noiseContext(s.year, w, c.Draft))
		if err != nil {
			s.t.Fatal(err)
		}
		for ; len(plain) > 0; plain = plain[8:] {
			z = append(z, math.Float64frombits(binary.BigEndian.Uint64(plain)))
		}
	}
	return z
}
