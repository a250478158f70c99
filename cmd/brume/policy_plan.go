package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"brume/cmd/internal/base"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// errDoesNotFit ends policy plan once it has printed why.
var errDoesNotFit = errors.New("the change does not fit the year's limit")

func policyPlanCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "plan [FILE|NAME]", Short: "Print σ, cost and expected error of every family", Args: cobra.MaximumNArgs(1),
		Long: "Print what a policy (a file, or a built-in one by name) makes of the year's budget: σ, cost and expected\n" +
			"error of every family, and what is not publishable. It reads no data.\n\n" +
			"--against OLD --closed WEEK prints what it costs to change from another policy in mid-year, once the\n" +
			"weeks through WEEK are released, and fails when that does not fit.",
	}
	dir := c.Flags().String("registry", "", "registry directory that the expected errors are for (default: typical figures of France)")
	against := c.Flags().String("against", "", "the policy that the year began with: a file, or a built-in one by name")
	closed := c.Flags().String("closed", "", "the last week or day released under --against: 2026-W45 or 2026-11-08")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		plan, err := planOf(append(args, defaultPolicy)[0])
		if err != nil {
			return err
		}
		var reg *registry.Registry
		if *dir != "" {
			if reg, err = registry.Load(*dir); err != nil {
				return err
			}
		}
		report := plan.Report(reg)
		if *against != "" || *closed != "" {
			if report.Change, err = changeFrom(plan, *against, *closed); err != nil {
				return err
			}
		}
		if *asJSON {
			err = printJSON(c, report)
		} else {
			err = report.WriteText(c.OutOrStdout())
		}
		if err == nil && report.Change != nil && !report.Change.Fits {
			err = errDoesNotFit
		}
		return err
	}
	return c
}

// changeFrom gives the cost of changing to the plan from an old policy.
func changeFrom(plan *policy.Plan, against, closed string) (*policy.Change, error) {
	if against == "" || closed == "" {
		return nil, errors.New("--against and --closed go together")
	}
	old, err := planOf(against)
	if err != nil {
		return nil, err
	}
	through, err := old.Policy.ParseThrough(closed)
	if err != nil {
		return nil, fmt.Errorf("--closed: %w", err)
	}
	change, err := plan.Against(old, through)
	return &change, err
}

func planOf(name string) (*policy.Plan, error) {
	p, err := base.LoadPolicy(name)
	if err != nil {
		return nil, err
	}
	plan, err := p.Plan()
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", p.Name, err)
	}
	return plan, nil
}
