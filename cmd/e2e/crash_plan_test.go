package e2e

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// step is a crash point, beside something durable.
type step struct {
	name string
	when phase
	hits int // the plan chooses one of so many; 0: the turn of one of the week's releases
}

// phase is when in a week a step is reached.
type phase int

const (
	sending phase = iota
	ordering
	closing
	releasing
	loading
	resting
)

// steps are the crash points in the order in which a week reaches them.
var steps = []step{
	{"ingest.before", sending, 6}, {"ingest.after", sending, 6},
	{"control.before", ordering, 2}, {"control.after", ordering, 2},
	{"partial.before", closing, 6}, {"partial.after", closing, 6},
	{"gate.reserve.before", releasing, 0}, {"gate.reserve.after", releasing, 0}, {"gate.noise.after", releasing, 1},
	{"gate.draft.after", releasing, 0}, {"gate.commit.after", releasing, 0}, {"gate.copy.before", releasing, 0},
	{"gate.destroy.before", releasing, 0}, {"gate.destroy.after", releasing, 0},
	{"load.step", loading, 12}, {"load.note.before", loading, 6}, {"load.note.after", loading, 6},
	{"snapshot.chunk", resting, 4}, {"snapshot.manifest.before", resting, 2}, {"snapshot.manifest.after", resting, 2},
	{"snapshot.delete", resting, 2},
}

// killsInAYear is how many kills of each step a short year has room for: a
// commitment goes on with the next release, and there are 14.
const killsInAYear = 12

// arm asks for a kill at a step.
type arm struct {
	step
	place, turn int // of the step among all, and of the release among the week's
}

// plan says which kills are still to be done. It spreads them over the weeks
// that are left, by chance.
type plan struct {
	mu    sync.Mutex
	left  map[string]int
	weeks int
	fired map[string]map[string]int // step → cadence → kills
	years int                       // begun
}

// begin says whether there is anything left to do in another year.
func (p *plan) begin() bool {
	if p.done() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.years++
	return true
}

func newPlan(kills, years, weeks int) *plan {
	p := &plan{left: map[string]int{}, weeks: years * weeks, fired: map[string]map[string]int{}}
	for _, s := range steps {
		p.left[s.name], p.fired[s.name] = kills, map[string]int{}
	}
	return p
}

func (p *plan) done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.left {
		if n > 0 {
			return false
		}
	}
	return true
}

// wants says whether a step is still to kill: another lane may have done it.
func (p *plan) wants(a arm) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left[a.name] > 0
}

func (p *plan) killed(name string) (n int) {
	for _, k := range p.fired[name] {
		n += k
	}
	return n
}

// week draws the kills of a week with so many releases, in the order in which
// they can be reached.
func (p *plan) week(releases int) (arms []arm) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for place, s := range steps {
		share := float64(p.left[s.name]) / float64(max(p.weeks, 1))
		n := int(share)
		if rand.Float64() < share-float64(n) {
			n++
		}
		for range n {
			a := arm{s, place, 0}
			if s.when == releasing && s.name != "gate.noise.after" {
				a.turn = rand.IntN(releases)
			} else if s.when == releasing {
				a.turn = releases - 1
			}
			arms = append(arms, a)
		}
	}
	p.weeks--
	slices.SortStableFunc(arms, func(a, b arm) int {
		return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.turn, b.turn), cmp.Compare(a.place, b.place))
	})
	return arms
}

// nth is at which hit from now on the step kills, after another did.
func (a arm) nth(last arm) int {
	if a.hits > 0 || a.when != releasing {
		return 1 + rand.IntN(max(a.hits, 1))
	}
	past := 0 // releases that do not reach the step any more
	if last.when == releasing {
		past = last.turn
		if last.place > a.place {
			past++
		}
	}
	return max(a.turn-past, 0) + 1
}

// count notes what a killed process left: the step and of what release it was.
func (p *plan) count(fired string) {
	name, of, _ := strings.Cut(strings.TrimSpace(fired), " ")
	cadence := "other"
	switch of = strings.Trim(of, "[]"); {
	case strings.Contains(of, "-stream-"):
		cadence = "stream"
	case strings.Contains(of, "-p"):
		cadence = "half-term"
	case strings.Contains(of, "-w"):
		cadence = "week"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fired[name][cadence]++
	p.left[name]--
}

// draw is week; without a plan nothing is killed.
func (p *plan) draw(releases int) []arm {
	if p == nil {
		return nil
	}
	return p.week(releases)
}
