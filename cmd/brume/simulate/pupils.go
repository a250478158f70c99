package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"brume/schemas/registry"
)

// pupil is one row of the pupil table: all that a pupil keeps between weeks.
type pupil struct {
	school  uint16  // index into simulation.schools
	level   uint8   // index into the school's levels
	traits  traits  // what is odd about this pupil
	use     float32 // propensity to use tools, lognormal with mean 1
	ability float32 // log-odds
}

type traits uint8

const (
	unlisted      traits = 1 << iota // logs in from a homePage that the policy does not list
	unknownSchool                    // says to be in a school that the registry does not know
)

// What the odd pupils name.
const (
	unlistedHomePage              = "https://accounts.example"
	unregistered     registry.UAI = 13_9990
)

// school is a populated school as statements need it.
type school struct {
	uai      string
	homePage string
	zone     string
	levels   []string
	adoption float64 // how much the school uses tools, lognormal with mean 1
	ease     float64 // what the school adds to log-odds
}

// lognormal draws with mean 1 and the given sigma of the logarithm.
func lognormal(r *rand.Rand, sigma float64) float64 {
	return math.Exp(sigma*r.NormFloat64() - sigma*sigma/2)
}

func newSchools(cfg Config, r *rand.Rand) (schools []school, enrolment []int) {
	populated := cfg.populated()
	for _, s := range cfg.Registry.Schools {
		d, ok := cfg.Registry.Department(s.Department)
		if !ok || !populated[d.Code] || len(schools) == math.MaxUint16 {
			continue
		}
		levels := []string{"6e", "5e", "4e", "3e"}
		if s.Kind == registry.Lycee {
			levels = []string{"2de", "1re", "tle"}
		}
		ease := 0.0
		if s.HasIPS {
			ease = (s.IPS - 103) / 100
		}
		schools = append(schools, school{uai: s.UAI.String(), homePage: homePage(d.Academy), zone: d.Zone,
			levels: levels, adoption: lognormal(r, 0.45), ease: ease})
		enrolment = append(enrolment, max(s.Enrolment, 1))
	}
	return schools, enrolment
}

// homePage is the invented ENT of an academy: https://ent.aix.example.
func homePage(academy string) string {
	name, _, _ := strings.Cut(strings.ToLower(academy), "-")
	name = strings.Map(func(c rune) rune {
		if c < 'a' || c > 'z' {
			return -1
		}
		return c
	}, name)
	return "https://ent." + name + ".example"
}

// apportion divides n by the weights, largest remainders first.
func apportion(n int, weights []int) []int {
	total := 0
	for _, w := range weights {
		total += w
	}
	shares := make([]int, len(weights))
	order := make([]int, len(weights))
	left := n
	for i, w := range weights {
		shares[i] = n * w / total
		left -= shares[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return n*weights[b]%total - n*weights[a]%total })
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}

// newPupils fills the schools in proportion to their enrolment, the levels of
// a school evenly.
func newPupils(cfg Config, schools []school, enrolment []int, r *rand.Rand) []pupil {
	pupils := make([]pupil, 0, cfg.Pupils)
	for i, n := range apportion(cfg.Pupils, enrolment) {
		for k := range n {
			p := pupil{school: uint16(i), level: uint8(k % len(schools[i].levels)),
				use: float32(lognormal(r, 0.7)), ability: float32(0.8 * r.NormFloat64())}
			switch u := r.Float64(); {
			case u < 0.010:
				p.traits = unlisted
			case u < 0.016:
				p.traits = unknownSchool
			}
			pupils = append(pupils, p)
		}
	}
	return pupils
}
