package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"brume/schemas/policy"
)

// Simulation is one simulated year, to be sent week by week, once.
type Simulation struct {
	seed     uint64
	calendar Calendar
	windows  []policy.Window
	days     [][7]time.Time // midnights of each week's days, local
	schools  []school
	pupils   []pupil

	pcg     *rand.PCG
	rand    *rand.Rand // draws from pcg
	out     writer
	next    int          // week that comes next
	sent    int64        // statements so far
	late    [][]job      // what is held back, by the week in which it is sent
	repeats []repetition // duplicates that are due, first come first
}

// job is a sitting to be sent, whole or, when held back, one statement of it.
type job struct {
	minute uint16 // of the week in which it is sent
	week   uint16 // of its time
	pupil  uint32
	number uint8
	only   int8 // index of the statement, -1 for all that are in time
}

// repetition is a statement that will be sent again, unchanged.
type repetition struct {
	due       int64 // when so many have been sent
	statement Statement
}

// New builds the schools and the pupils.
func New(cfg Config) (*Simulation, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("simulating: %w", err)
	}
	cfg, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("simulating: %w", err)
	}
	s := &Simulation{seed: mix(cfg.Seed), calendar: cfg.Calendar,
		windows: cfg.Calendar.Windows(policy.Weekly)[:cfg.Weeks], late: make([][]job, cfg.Weeks)}
	for _, w := range s.windows {
		d, err := daysOf(w)
		if err != nil {
			return nil, fmt.Errorf("simulating: %w", err)
		}
		s.days = append(s.days, d)
	}
	s.pcg = rand.NewPCG(s.seed, 0)
	s.rand = rand.New(s.pcg)
	var enrolment []int
	s.schools, enrolment = newSchools(cfg, s.rand)
	s.pupils = newPupils(cfg, s.schools, enrolment, s.rand)
	return s, nil
}

// daysOf gives the midnights of a week; a day before the school year's first
// of September becomes the first day that is not.
func daysOf(w policy.Window) (days [7]time.Time, err error) {
	start, _, _ := strings.Cut(w.Year, "-")
	year, err := strconv.Atoi(start)
	if err != nil {
		return days, fmt.Errorf("window %s: school year %q", w.Label, w.Year)
	}
	first := time.Date(year, time.September, 1, 0, 0, 0, 0, w.Start.Location())
	y, m, d := w.Start.Date()
	for i := range days {
		days[i] = time.Date(y, m, d+i, 0, 0, 0, 0, w.Start.Location())
		if days[i].Before(first) {
			days[i] = first
		}
	}
	return days, nil
}

// Windows are the weeks that are simulated.
func (s *Simulation) Windows() []policy.Window { return s.windows }

// Run sends the whole simulation.
func Run(ctx context.Context, cfg Config, emit func(Statement) error) error {
	s, err := New(cfg)
	if err != nil {
		return err
	}
	for range s.windows {
		if err := s.Week(ctx, emit); err != nil {
			return err
		}
	}
	return nil
}
