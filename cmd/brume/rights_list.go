package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"brume/cmd/brume/rights"
	"brume/cmd/internal/attach"
)

func rightsListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Args: cobra.NoArgs, Short: "Print the register of requests: date, kind, token; no identifier"}
	on, asJSON, since := targetFlags(c), jsonFlag(c), sinceFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return on.work(func(data *attach.Data) error {
			entries, err := register(c.Context(), data, *since)
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(c, entries)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "DATE\tREQUEST\tSCHOOL YEAR\tTOKEN")
			for _, e := range entries {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", day(e.Issued), e.Kind, e.Year, e.Token)
			}
			return w.Flush()
		})
	}
	return c
}

func rightsRepeatCommand() *cobra.Command {
	c := &cobra.Command{Use: "repeat", Args: cobra.NoArgs, Short: "Write the requests of the register again, after a log was lost"}
	on, asJSON, since, wait := targetFlags(c), jsonFlag(c), sinceFlag(c), addWaitFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return on.work(func(data *attach.Data) error {
			entries, err := register(c.Context(), data, *since)
			if err != nil {
				return err
			}
			operator, err := operatorOf(data)
			if err != nil {
				return err
			}
			if err := rights.Repeat(c.Context(), operator, entries); err != nil {
				return err
			}
			out := outcome{Kind: "REPEAT", Requests: entries, Partitions: data.Settings.Partitions, Destroyed: []string{}}
			if err := out.await(c.Context(), data, wait); err != nil {
				return err
			}
			return out.print(c, *asJSON, fmt.Sprintf("%d requests written again", len(entries)))
		})
	}
	return c
}

// sinceFlag adds the --since flag of commands over the register.
func sinceFlag(c *cobra.Command) *string {
	return c.Flags().String("since", "", "only the requests from this day on: 2026-11-24")
}

// register reads the register and refuses one that somebody else wrote to.
func register(ctx context.Context, data *attach.Data, since string) ([]rights.Entry, error) {
	var from time.Time
	if since != "" {
		var err error
		if from, err = time.Parse(time.DateOnly, since); err != nil {
			return nil, fmt.Errorf("--since: %w", err)
		}
	}
	store, err := data.OpenKeys()
	if err != nil {
		return nil, err
	}
	verifier, err := store.ControlVerifier()
	if err != nil {
		return nil, err
	}
	return rights.Register(ctx, data.Kafka, verifier, from)
}
