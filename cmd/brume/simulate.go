package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"brume/cmd/brume/simulate"
)

func simulateCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "simulate", Short: "Invent a school year of xAPI statements; the same seed gives the same bytes", Args: cobra.NoArgs,
	}
	cfg, out, asJSON := simulationFlags(c, simulate.DefaultConfig()), c.Flags().String("out", "", "file to write (NDJSON)"), jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		if *out == "" {
			return errors.New("--out FILE.ndjson is needed")
		}
		f, err := os.Create(*out)
		if err != nil {
			return fmt.Errorf("simulating: %w", err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		show, done := progress(c)
		tally, err := simulate.WriteNDJSON(c.Context(), f, *cfg, func(week int, t simulate.Tally) {
			show("week %d of %d: %d statements", week+1, cfg.Weeks, t.Sent)
		})
		done()
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(c, tally)
		}
		fmt.Fprintf(c.OutOrStdout(), "%d statements of %d pupils over %d weeks in %s\n", tally.Sent, cfg.Pupils, cfg.Weeks, *out)
		return nil
	}
	return c
}

// simulationFlags adds the flags that say what to simulate.
func simulationFlags(c *cobra.Command, defaults simulate.Config) *simulate.Config {
	cfg := defaults
	c.Flags().IntVar(&cfg.Pupils, "pupils", defaults.Pupils, "number of pupils")
	c.Flags().IntVar(&cfg.Weeks, "weeks", defaults.Weeks, "number of school weeks, from September")
	c.Flags().Uint64Var(&cfg.Seed, "seed", defaults.Seed, "seed")
	return &cfg
}
