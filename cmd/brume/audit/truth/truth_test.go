package truth

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"brume/anonymize/cohort"
	"brume/anonymize/exact"
	"brume/anonymize/pseudonym"
	"brume/cmd/brume/simulate"
	"brume/schemas/control"
	"brume/schemas/mapping"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/release"
	"brume/schemas/xapi"
)

// glass hides nothing, so that a test can look at exact sums.
type glass struct{}

func (glass) Encrypt(plain, _ []byte) ([]byte, error) { return plain, nil }
func (glass) Decrypt(plain, _ []byte) ([]byte, error) { return plain, nil }

var received = time.Date(2026, 9, 15, 12, 0, 0, 0, time.UTC)

// services is what the real path makes of statements, without its transport.
type services struct {
	t       *testing.T
	plan    *policy.Plan
	reg     *registry.Registry
	mapping *mapping.Mapping
	part    *cohort.Partition
}

func newServices(t *testing.T, plan *policy.Plan, reg *registry.Registry) *services {
	t.Helper()
	handle, err1 := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	key, err2 := pseudonym.New(handle)
	year, err3 := cohort.NewYear(plan, reg, key)
	m, err4 := mapping.Shipped("generic")
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := &services{t, plan, reg, m, cohort.NewPartition(cohort.Env{year.Name: year})}
	s.control(control.Record{Kind: control.Config, PolicyHash: plan.PolicyHash, RegistryHash: reg.Hash(), FoldVersion: cohort.FoldVersion})
	return s
}

func (s *services) control(r control.Record) []cohort.Closed {
	s.t.Helper()
	r.Year = s.plan.Policy.SchoolYear
	closed, err := s.part.Control(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return closed
}

// send folds a statement unless the endpoint refuses it.
func (s *services) send(body []byte) {
	batch, err := xapi.Decode(body, xapi.Options{Limits: xapi.DefaultLimits()})
	if err != nil || len(batch.Statements) != 1 {
		return
	}
	st := &batch.Statements[0]
	e, _, ok := s.mapping.Event(st, s.reg, mapping.Reception{Publisher: "p", Number: 1, DataClock: true})
	if !ok {
		return
	}
	h := fnv.New64a()
	h.Write([]byte(st.ID))
	e.Fingerprint = h.Sum64()
	s.part.Fold(&e, received) // repeats are known by when they came
}

// named gives sums the names of their cells.
func named(t *testing.T, cells []release.Cell, v *exact.Vector) Sums {
	t.Helper()
	b, err := v.Seal(glass{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, n := binary.Uvarint(b)
	out, at := Sums{}, -1
	for b = b[n:]; len(b) > 0; {
		gap, g := binary.Uvarint(b)
		sum, s := binary.Varint(b[g:])
		at += int(gap)
		c := cells[at]
		out[Cell{c.Family, c.Area, c.Level, c.Subject, c.Tool, c.Measure}] = sum
		b = b[g+s:]
	}
	return out
}

// whole is a plan with a family of every kind.
func whole(t *testing.T) *policy.Plan {
	t.Helper()
	p, err := policy.Default(simulate.SchoolYear)
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Clone(); err != nil {
		t.Fatal(err)
	}
	p.Families = nil
	for _, f := range []policy.Family{
		{Cadence: policy.Weekly, Area: policy.BySchool, Measure: policy.Active, Cells: 1, Cap: 1},
		{Cadence: policy.Weekly, Area: policy.ByDepartment, By: []policy.Dimension{policy.Level}, Measure: policy.Active, Cells: 1, Cap: 1},
		{Cadence: policy.Weekly, Area: policy.ByDepartment, By: []policy.Dimension{policy.Level, policy.Subject}, Measure: policy.Active, Cells: 4, Cap: 1},
		{Cadence: policy.Weekly, Area: policy.ByDepartment, By: []policy.Dimension{policy.Tool}, Measure: policy.Active, Cells: 3, Cap: 1},
		{Cadence: policy.Weekly, Area: policy.ByDepartment, By: []policy.Dimension{policy.Subject}, Measure: policy.Outcomes, Cells: 4, Cap: 10},
		{Cadence: policy.Weekly, Area: policy.ByDepartment, By: []policy.Dimension{policy.Subject}, Measure: policy.Minutes, Cells: 4, Cap: 20},
		{Cadence: policy.Weekly, Area: policy.ByDepartment, By: []policy.Dimension{policy.Subject}, Measure: policy.Scores, Cells: 4, Cap: 100},
		{Cadence: policy.Periodic, Area: policy.BySchool, By: []policy.Dimension{policy.Level}, Measure: policy.Active, Cells: 1, Cap: 1},
		{Cadence: policy.Periodic, Area: policy.BySchool, By: []policy.Dimension{policy.Subject}, Measure: policy.Active, Cells: 4, Cap: 1},
		{Cadence: policy.Periodic, Area: policy.BySchool, Measure: policy.Outcomes, Cells: 1, Cap: 30},
		{Cadence: policy.Periodic, Area: policy.BySchool, Measure: policy.Minutes, Cells: 1, Cap: 60},
		{Cadence: policy.Periodic, Area: policy.BySchool, Measure: policy.Scores, Cells: 1, Cap: 100},
		{Cadence: policy.YearStream, Area: policy.BySchool, Measure: policy.Active, Cells: 1, Cap: 1},
	} {
		f.Name, f.Share, f.Force = fmt.Sprint("family_", len(p.Families)), 0.07, true
		p.Families = append(p.Families, f)
	}
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// The auditor's sums and the cohort's are two programs' answers to the same
// statements, faults, repeats, late ones and strangers included: they agree in
// every cell of every window.
func TestTheServicesComputeTheTruth(t *testing.T) {
	plan := whole(t)
	reg := registry.Demonstration(1)
	sim, err := simulate.New(simulate.Config{Pupils: 600, Weeks: 11, Seed: 3, Registry: reg})
	if err != nil {
		t.Fatal(err)
	}
	real, year, choices := newServices(t, plan, reg), NewYear(plan, reg), NewChoices(plan)
	cells, late := 0, 0
	for _, w := range sim.Windows() {
		err := sim.Week(context.Background(), func(s simulate.Statement) error {
			send, err := choices.Take(year, reg, s)
			if err != nil || !send {
				return err
			}
			if s.Late {
				late++
			}
			real.send(s.Body)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		cells += compare(t, real, year, w)
	}
	cells += compare(t, real, year, plan.Policy.Windows(policy.Periodic)[0])
	if cells < 2000 || late < 100 {
		t.Errorf("%d cells and %d late statements compared: too few to mean anything", cells, late)
	}
}

// compare closes a window in both, and counts the cells that are not zero.
func compare(t *testing.T, real *services, year *Year, w policy.Window) (cells int) {
	t.Helper()
	want, err := year.Close(w)
	if err != nil {
		t.Fatal(err)
	}
	got := Sums{}
	for _, c := range real.control(control.Record{Kind: control.Close, Cadence: string(w.Cadence), Window: w.Label, Index: w.Index}) {
		for cell, n := range named(t, real.plan.Cells(real.reg, c.Window), c.Sums) {
			got[cell] = n
		}
	}
	for cell, n := range want {
		if n == 0 {
			delete(want, cell)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-auditor, +cohort):\n%s", w.Label, diff)
	}
	return len(want)
}
