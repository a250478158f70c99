package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"brume/cmd/internal/attach"
	"brume/cmd/internal/operate"
	"brume/schemas/policy"
)

func closeCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "close --through WEEK|DATE", Args: cobra.NoArgs,
		Short: "Close windows, so that they are released: --through 2026-W38, 2027-07-05 or P1",
		Long: "Close windows, so that they are released. With a week, all weeks up to it are closed, and the\n" +
			"half-terms that ended two weeks before its end; with the year's last week, all of them.",
	}
	on := targetFlags(c)
	through := c.Flags().String("through", "", "last week or half-term to close, or a date: every week that ends on or before it")
	wait := c.Flags().Duration("wait", time.Minute, "how long to wait for the releases; 0 does not wait")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *through == "" {
			return errors.New("--through is needed")
		}
		return on.work(func(data *attach.Data) error {
			window, err := windowThrough(data.Plans, *through)
			if err != nil {
				return err
			}
			operator, err := operatorOf(data)
			if err != nil {
				return err
			}
			if err := operator.CloseThrough(c.Context(), data.Plans, window); err != nil {
				return err
			}
			got, err := awaitReleases(c.Context(), data, operate.Releases(data.Plans, data.Registry, window), *wait)
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(c, map[string]any{"year": window.Year, "through": window.Label, "released": got.Loaded, "never": got.Never})
			}
			fmt.Fprintf(c.OutOrStdout(), "closed through %s; %d releases of %s are out\n", window.Label, got.Loaded, window.Year)
			if got.Never > 0 {
				fmt.Fprintf(c.OutOrStdout(), "the year's streams have ended: %d steps are never released\n", got.Never)
			}
			return nil
		})
	}
	return c
}

// operatorOf returns the operator of a data directory.
func operatorOf(data *attach.Data) (operate.Operator, error) {
	store, err := data.OpenKeys()
	if err != nil {
		return operate.Operator{}, err
	}
	signer, err := store.ControlSigner()
	if err != nil {
		return operate.Operator{}, err
	}
	return operate.Operator{Producer: data.Kafka, Signer: signer, Partitions: data.Settings.Partitions, Now: time.Now}, nil
}

// windowThrough finds the last window to close of the school year that the
// argument falls in.
func windowThrough(plans []*policy.Plan, through string) (policy.Window, error) {
	var faults []error
	for _, p := range policy.Present(plans) {
		w, err := p.Policy.ParseThrough(through)
		if err == nil {
			return w, nil
		}
		faults = append(faults, fmt.Errorf("school year %s: %w", p.Policy.SchoolYear, err))
	}
	return policy.Window{}, errors.Join(faults...)
}
