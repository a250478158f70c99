// Package year sends a simulated school year with canaries through a running
// Brume and audits what it publishes.
package year

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"brume/cmd/brume/audit/privacy"
	"brume/cmd/brume/audit/truth"
	"brume/cmd/brume/replay"
	"brume/cmd/brume/simulate"
	"brume/cmd/internal/single"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// Params say what is sent. The coins are secret and differ in each run.
type Params struct {
	Schools     int // each with a coin
	Departments int // that they share
	Pupils      int // of the simulation beside them
	Weeks       int
	Seed        uint64 // of the simulation
}

// Registry is a demonstration's, and the schools with coins.
func (p Params) Registry(zones []policy.Zone) (all *registry.Registry, coins []registry.School) {
	all = registry.Demonstration(simulate.Departments(p.Pupils))
	coins = privacy.Schools(all, p.Schools, p.Departments, zones)
	return all, coins
}

// Run is one audited year.
type Run struct {
	Brume      *single.Brume
	Params     Params
	Confidence float64
	Progress   func(format string, args ...any)

	plan     *policy.Plan
	canaries []canary
	sender   *replay.Sender
	sent     *truth.Year // of all that was sent
	alone    *truth.Year // of every canary, inserted or not
	audit    *privacy.Auditor
	out      published
	halves   int // half-terms that are closed
	sums     map[string][2]truth.Sums
	choices  truth.Choices
}

type canary struct {
	school   registry.School
	zone     string
	inserted bool
}

// Do runs the year and reports. It MUST be called once, on a fresh Brume that
// is running.
func (r *Run) Do(ctx context.Context) (report privacy.Report, err error) {
	sim, err := r.begin(ctx)
	if err != nil {
		return report, err
	}
	defer r.sender.Close()
	windows := sim.Windows()
	for i, w := range windows {
		if err := r.week(ctx, sim, w); err != nil {
			return report, fmt.Errorf("week %s: %w", w.Label, err)
		}
		if err := r.close(ctx, w, i == len(windows)-1); err != nil {
			return report, fmt.Errorf("week %s: %w", w.Label, err)
		}
		r.Progress("week %s, %d of %d: %d statements, %d releases", w.Label, i+1, len(windows), r.sender.Counts().Acknowledged, r.out.releases)
	}
	if n := r.sender.Counts().Acknowledged; n == 0 {
		return report, errors.New("nothing was sent")
	}
	claim, err := r.out.charged(ctx, r.plan)
	if err != nil {
		return report, err
	}
	return r.audit.Report(claim, r.Confidence), nil
}

// begin tosses the coins and makes the publisher.
func (r *Run) begin(ctx context.Context) (*simulate.Simulation, error) {
	r.plan = r.Brume.Plans[0]
	reg := r.Brume.Registry
	r.sent, r.alone, r.audit = truth.NewYear(r.plan, reg), truth.NewYear(r.plan, reg), privacy.New(r.plan)
	r.choices = truth.NewChoices(r.plan)
	r.sums = map[string][2]truth.Sums{}
	r.out = published{brume: r.Brume}
	_, schools := r.Params.Registry(r.plan.Policy.Calendar.Zones)
	for _, s := range schools {
		c := canary{s, reg.ZoneOf(s.UAI, ""), rand.IntN(2) == 0}
		r.canaries = append(r.canaries, c)
		areas := []string{s.UAI.String()}
		if r.Params.Departments == r.Params.Schools {
			areas = append(areas, s.Department)
		}
		r.audit.Plant(c.inserted, areas...)
	}
	var err error
	if r.sender, err = publisher(ctx, r.Brume); err != nil {
		return nil, err
	}
	return simulate.New(simulate.Config{Pupils: r.Params.Pupils, Weeks: r.Params.Weeks, Seed: r.Params.Seed, Registry: reg, Calendar: r.plan.Policy})
}

// week sends what the simulated pupils and the canaries do in a week.
func (r *Run) week(ctx context.Context, sim *simulate.Simulation, w policy.Window) error {
	err := sim.Week(ctx, func(s simulate.Statement) error {
		if send, err := r.choices.Take(r.sent, r.Brume.Registry, s); err != nil || !send {
			return err
		}
		return r.sender.Send(ctx, s.Body)
	})
	if err != nil {
		return err
	}
	for _, c := range r.canaries {
		if !r.plan.Policy.InSession(c.zone, w) {
			continue
		}
		for _, f := range privacy.Worst(r.plan, r.Brume.Registry, c.school, w.Start.Add(60*time.Hour), 2) {
			if err := r.one(ctx, c, f); err != nil {
				return err
			}
		}
	}
	return r.sender.Flush(ctx)
}

// one sends a statement of a canary, or only notes it where the coin left the
// canary out.
func (r *Run) one(ctx context.Context, c canary, f truth.Fact) error {
	r.alone.Add(f)
	if !c.inserted {
		return nil
	}
	r.sent.Add(f)
	body, err := truth.Statement(r.Brume.Registry, f, id())
	if err != nil {
		return err
	}
	return r.sender.Send(ctx, body)
}

// id is a random version 4 UUID.
func id() string {
	a, b := rand.Uint64(), rand.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

// close closes a week and the half-terms that ended 14 days before its end, at
// the last week all that have begun, and audits what is released.
func (r *Run) close(ctx context.Context, w policy.Window, last bool) error {
	due := []policy.Window{w}
	for _, h := range r.plan.Policy.Windows(policy.Periodic)[r.halves:] {
		if !h.End.AddDate(0, 0, 14).After(w.End) || last && h.Start.Before(w.End) {
			due = append(due, h)
			r.halves++
		}
	}
	for _, w := range due {
		if err := r.Brume.Operator.Operator.Close(ctx, w); err != nil {
			return err
		}
		if err := r.expect(w); err != nil {
			return err
		}
	}
	return r.out.next(ctx, r.sums, r.audit)
}

// expect sums a window that is closed, and notes the releases that it becomes:
// a week's, and its step of the year streams.
func (r *Run) expect(w policy.Window) error {
	sent, err1 := r.sent.Close(w)
	alone, err2 := r.alone.Close(w)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	emitted := []policy.Window{w}
	if w.Cadence == policy.Weekly {
		emitted = append(emitted, r.plan.Policy.Windows(policy.YearStream)[w.Index])
	}
	for _, e := range emitted {
		if len(r.plan.Cells(r.Brume.Registry, e)) > 0 {
			r.sums[string(policy.ReleaseID(e))] = [2]truth.Sums{sent, alone}
		}
	}
	return nil
}
