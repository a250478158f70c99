package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"brume/cmd/brume/audit"
	"brume/cmd/internal/attach"
	"brume/schemas/ledger"
	"brume/schemas/policy"
)

func budgetCommand() *cobra.Command {
	c := &cobra.Command{Use: "budget", Short: "Show the privacy ledger, or prove that it adds up"}
	c.AddCommand(budgetShowCommand(), budgetVerifyCommand())
	return c
}

// yearAccount is what a school year has spent.
type yearAccount struct {
	Year         string          `json:"year"`
	Epsilon      float64         `json:"epsilon"`
	Delta        float64         `json:"delta"`
	LimitNano    int64           `json:"limit_nano_mu2"`
	SpentNano    int64           `json:"spent_nano_mu2"`
	EpsilonSpent float64         `json:"epsilon_spent"` // at the year's δ
	Releases     []releaseRecord `json:"releases"`
}

type releaseRecord struct {
	Release   string        `json:"release"`
	Committed bool          `json:"committed"`
	Payload   ledger.Hash   `json:"payload"`
	Inputs    []ledger.Hash `json:"inputs"` // HMACs of the exact sums, one a partition
}

func budgetShowCommand() *cobra.Command {
	c := &cobra.Command{Use: "show", Short: "What each school year has spent, and on which releases", Args: cobra.NoArgs}
	on, asJSON := targetFlags(c), jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return on.work(func(data *attach.Data) error {
			l, err := readLedger(c.Context(), data)
			if err != nil {
				return err
			}
			accounts := accountsOf(l, data.Plans)
			if *asJSON {
				return printJSON(c, accounts)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, a := range accounts {
				fmt.Fprintf(w, "%s\tspent %d of %d nano-μ²\tε = %.3f of %g at δ = %g\t%d releases\n",
					a.Year, a.SpentNano, a.LimitNano, math.Ceil(1000*a.EpsilonSpent)/1000, a.Epsilon, a.Delta, len(a.Releases))
				for _, r := range a.Releases {
					fmt.Fprintf(w, "  %s\t%s\n", r.Release, map[bool]string{true: "released", false: "reserved"}[r.Committed])
				}
			}
			return w.Flush()
		})
	}
	return c
}

func budgetVerifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "verify", Args: cobra.NoArgs,
		Short: "Re-read the chain and re-add every charge; exit 0 only if it adds up",
	}
	on, asJSON := targetFlags(c), jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return on.work(func(data *attach.Data) error {
			l, err := readLedger(c.Context(), data)
			if err != nil {
				return err
			}
			accounts, faults := l.CheckBudget(data.Plans)
			if err := errors.Join(faults...); err != nil {
				return fmt.Errorf("the ledger does not add up: %w", err)
			}
			if *asJSON {
				spent := map[string]int64{}
				for year, account := range accounts {
					spent[year] = account.Spent()
				}
				return printJSON(c, map[string]any{"records": l.Records, "reservations": len(l.Entries), "spent_nano_mu2": spent, "faults": 0})
			}
			fmt.Fprintf(c.OutOrStdout(), "%d records, %d reservations: every signature, link and charge holds\n", l.Records, len(l.Entries))
			return nil
		})
	}
	return c
}

// readLedger reads the ledger topic as an auditor does.
func readLedger(ctx context.Context, data *attach.Data) (*audit.Ledger, error) {
	store, err := data.OpenKeys()
	if err != nil {
		return nil, err
	}
	verifier, err := store.LedgerVerifier()
	if err != nil {
		return nil, err
	}
	values, err := audit.Values(ctx, data.Kafka)
	if err != nil {
		return nil, err
	}
	return audit.ReadLedger(values, verifier), nil
}

func accountsOf(l *audit.Ledger, plans []*policy.Plan) []yearAccount {
	accounts, _ := l.CheckBudget(plans)
	var out []yearAccount
	for _, p := range policy.Present(plans) {
		y, open := l.Years[p.Policy.SchoolYear]
		if !open {
			continue
		}
		a := yearAccount{
			Year: y.Name, Epsilon: y.Epsilon, Delta: y.Delta, LimitNano: y.LimitNano,
			SpentNano: accounts[y.Name].Spent(), EpsilonSpent: accounts[y.Name].EpsilonSpent(y.Delta), Releases: []releaseRecord{},
		}
		for _, e := range l.Entries {
			if e.Reserved.Year != y.Name {
				continue
			}
			r := releaseRecord{Release: e.Reserved.Release, Inputs: e.Reserved.Inputs}
			if e.Committed != nil {
				r.Committed, r.Payload = true, e.Committed.Payload
			}
			a.Releases = append(a.Releases, r)
		}
		out = append(out, a)
	}
	return out
}
