package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"brume/cmd/brume/audit/privacy"
	"brume/cmd/brume/audit/year"
	"brume/cmd/brume/simulate"
	"brume/cmd/internal/base"
	"brume/cmd/internal/single"
	"brume/internal/telemetry"
)

func auditPrivacyCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "privacy", Args: cobra.NoArgs, Short: "Measure on a simulated year how much a pupil shows; exit 0 only if it is what the ledger claims",
		Long: `Measure on a simulated year how much a pupil shows: all of Brume runs in this
process on a directory of its own. At each of many schools a coin decides whether a
worst-case pupil is there; how well the published figures tell gives a lower bound on
the year's μ. What was published is compared with sums computed again by other code.

docs/audit.md says how to read what it prints.`,
	}
	f := c.Flags()
	p := year.Params{}
	f.IntVar(&p.Schools, "schools", 4000, "number of schools with a coin")
	f.IntVar(&p.Departments, "departments", 0, "departments that they share; fewer are quicker, and canaries are then looked for in schools' figures alone (default: one each)")
	f.IntVar(&p.Pupils, "pupils", 2000, "number of simulated pupils beside them")
	f.IntVar(&p.Weeks, "weeks", 0, "number of school weeks, from September (default: the whole year)")
	f.Uint64Var(&p.Seed, "seed", 1, "seed of the simulation; coins and noise have none")
	policyName := f.String("policy", simulate.SchoolYear+"-epsilon-4", "built-in policy, or a file")
	confidence := f.Float64("confidence", 0.99, "of the lower bound")
	dir := f.String("data", "", "empty directory to keep everything in (default: a temporary one, removed)")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		if p.Departments == 0 {
			p.Departments = p.Schools
		}
		if !(*confidence > 0 && *confidence < 1) || p.Schools < 2 || p.Departments < 1 || p.Departments > p.Schools {
			return errors.New("--confidence must be within ]0, 1[, --schools at least 2 and --departments no more than they")
		}
		if *dir == "" {
			if *dir, err = os.MkdirTemp("", "brume-audit-"); err != nil {
				return fmt.Errorf("data directory: %w", err)
			}
			defer func() { err = errors.Join(err, os.RemoveAll(*dir)) }()
		}
		cfg, err := privacyConfig(&p, *policyName, *dir)
		if err != nil {
			return err
		}
		return auditPrivacy(c, cfg, p, *confidence, *asJSON)
	}
	return c
}

// privacyConfig is a demonstration's configuration with the audit's registry.
func privacyConfig(p *year.Params, policyName, dir string) (single.Config, error) {
	cfg := single.DefaultConfig()
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		return cfg, fmt.Errorf("data directory %s: an audit needs an empty one", dir)
	}
	pol, err := base.LoadPolicy(policyName)
	if err != nil {
		return cfg, err
	}
	if p.Weeks == 0 {
		p.Weeks = len(pol.Windows("week"))
	}
	cfg.Policies, cfg.Data, cfg.Registry = []string{policyName}, dir, filepath.Join(dir, "registry")
	cfg.HTTP.Listen, cfg.Metrics, cfg.Log.Level = "127.0.0.1:0", "127.0.0.1:0", "warn"
	if err := os.MkdirAll(cfg.Registry, 0o700); err != nil {
		return cfg, fmt.Errorf("writing the registry: %w", err)
	}
	reg, _ := p.Registry(pol.Calendar.Zones)
	return cfg, errors.Join(reg.Save(cfg.Registry), cfg.Validate())
}

func auditPrivacy(c *cobra.Command, cfg single.Config, p year.Params, confidence float64, asJSON bool) (err error) {
	began := time.Now()
	log, err := telemetry.NewLogger(os.Stderr, cfg.Log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(c.Context())
	defer cancel(nil)
	b, err := single.Open(ctx, cfg, log.Logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	ended := make(chan error, 1)
	go func() {
		err := b.Run(ctx)
		ended <- err
		cancel(err)
	}()
	show, done := progress(c)
	report, err := (&year.Run{Brume: b, Params: p, Confidence: confidence, Progress: show}).Do(ctx)
	done()
	if err == nil {
		err = errors.Join(printPrivacy(c, report, b.Plans[0].Mu, time.Since(began), asJSON), report.Check())
	}
	cancel(nil)
	failed := <-ended
	if failed != nil && errors.Is(err, context.Canceled) {
		return failed // why the context ended
	}
	return errors.Join(err, failed)
}

func printPrivacy(c *cobra.Command, r privacy.Report, promised float64, took time.Duration, asJSON bool) error {
	if asJSON {
		return printJSON(c, r)
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, `schools      %d with the worst-case pupil, %d without; %d releases in %.0f s
told apart   %d missed, %d taken for present
μ            at least %.4f at %g %% confidence, about %.4f
claimed      %.4f charged in the ledger (%.4f by what the pupils sent), %.4f promised for the year
presence     %.1f standard errors from the planned sums

family                                      cells        σ  measured/planned  allowed
`, r.Heads, r.Tails, r.Releases, took.Seconds(), r.MissedHeads, r.FalseHeads,
		r.LowerBound, 100*r.Confidence, r.Estimate, r.Claim, r.Planned, promised, r.Presence)
	for _, f := range r.Families {
		fmt.Fprintf(w, "%-38s %10d %8.1f            %.4f  ±%.4f\n", f.Name, f.Cells, f.Sigma, f.Ratio, f.Allowed)
	}
	return nil
}
