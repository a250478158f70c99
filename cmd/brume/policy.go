package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"brume/cmd/internal/base"
	"brume/schemas/policy"
)

const defaultPolicy = "2026-2027"

func policyCommand() *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: "Check a release policy, or say what it costs before any pupil's data is seen"}
	c.AddCommand(policyPrintCommand(), policyCheckCommand(), policyPlanCommand())
	return c
}

func policyPrintCommand() *cobra.Command {
	return &cobra.Command{
		Use: "print [NAME]", Args: cobra.MaximumNArgs(1), ValidArgs: policy.BuiltIn(),
		Short: "Print a built-in policy (default: " + defaultPolicy + "): what one's own begins with",
		Long:  "Print a built-in policy: what one's own begins with. There are\n  " + strings.Join(policy.BuiltIn(), "\n  "),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := policy.DefaultText(append(args, defaultPolicy)[0])
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
}

func policyCheckCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "check [FILE]", Short: "Report every fault of a policy (default: the built-in " + defaultPolicy + ")",
		Args: cobra.MaximumNArgs(1),
	}
	dir := c.Flags().String("registry", "", "registry directory to check the policy against (default: the demonstration)")
	c.RunE = func(c *cobra.Command, args []string) error {
		p, err := policyOf(args)
		if err != nil {
			return err
		}
		reg, err := base.Config{Registry: *dir}.LoadRegistry()
		if err != nil {
			return err
		}
		_, planFault := p.Plan()
		if err := errors.Join(p.CheckRegistry(reg), p.Supported(), planFault); err != nil {
			return fmt.Errorf("policy %s: %w", p.Name, err)
		}
		fmt.Fprintf(c.OutOrStdout(), "policy %s, school year %s: no fault\n", p.Name, p.SchoolYear)
		return nil
	}
	return c
}

func policyOf(args []string) (*policy.Policy, error) {
	if len(args) == 0 {
		return policy.Default(defaultPolicy)
	}
	return base.LoadPolicy(args[0])
}
