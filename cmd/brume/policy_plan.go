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
			"--against OLD prints what it costs to change from another policy in mid-year, and fails when that does\n" +
			"not fit. WEEK of --closed is the last one under OLD; where the policy says from when on it is in force,\n" +
			"it is the week before.",
	}
	dir := c.Flags().String("registry", "", "registry directory that the expected errors are for (default: typical figures of France)")
	against := c.Flags().String("against", "", "the policy that the year began with: a file, or a built-in one by name")
	closed := c.Flags().String("closed", "", "the last week or day under --against: 2026-W45 or 2026-11-08 (default: the week before the policy's from)")
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
	first := plan.Policy.First(policy.Weekly)
	if against == "" || closed == "" && first == 0 {
		return nil, errors.New("--against OLD needs --closed WEEK, or from: in the policy; --closed needs --against")
	}
	old, err := planOf(against)
	if err != nil {
		return nil, err
	}
	if closed == "" {
		closed = plan.Policy.Windows(policy.Weekly)[first-1].Label
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
