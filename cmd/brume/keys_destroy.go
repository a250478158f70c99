package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/anonymize/keys"
	"brume/cmd/brume/proof"
	"brume/cmd/internal/attach"
	"brume/schemas/policy"
)

// errAlive says that a key of the year is still somewhere.
var errAlive = errors.New("something of the year can still be opened")

func keysDestroyCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "destroy YEAR", Args: cobra.ExactArgs(1),
		Short: "Destroy the keys of a school year, and prove that nothing of it opens any more",
		Long: `Destroy the keys of a school year in the key directory, then try every key that is
found there, and in the directories given with --search, on everything of the year
that still rests sealed: snapshots, exact sums, noise of streams, statements. It exits with 1 if anything
opens, or if a copy of a key is found. Stop the anonymizers first: a process that runs
keeps the keys in memory. --prove destroys nothing.`,
	}
	on, asJSON := targetFlags(c), jsonFlag(c)
	also := c.Flags().StringSlice("search", nil, "more directories to look for copies of keys in")
	proveOnly := c.Flags().Bool("prove", false, "only prove it again")
	yes := c.Flags().Bool("yes", false, "do not ask")
	c.RunE = func(c *cobra.Command, args []string) error {
		return on.work(func(data *attach.Data) error {
			y, store, err := yearToDestroy(c.Context(), data, args[0], *also)
			if err != nil {
				return err
			}
			if !*proveOnly {
				if !*yes && !destroyConfirmed(c, y.Plans[0].Policy) {
					return errors.New("not confirmed, nothing was destroyed")
				}
				if err := destroyYear(&y, store); err != nil {
					return err
				}
			}
			r, err := y.Prove(c.Context())
			if err != nil {
				return err
			}
			return printProof(c, r, *asJSON)
		})
	}
	return c
}

// yearToDestroy finds out what is to be proved of a year.
func yearToDestroy(ctx context.Context, data *attach.Data, year string, also []string) (y proof.Year, store *keys.Store, err error) {
	plans, err := plansOfYear(data, year)
	if err != nil {
		return y, nil, err
	}
	if store, err = data.OpenKeys(); err != nil {
		return y, nil, err
	}
	dirs := append([]string{data.Settings.Keys}, also...)
	if data.ReleaseKeys != "" {
		if err := store.ReleasesIn(data.ReleaseKeys); err != nil {
			return y, nil, err
		}
		dirs = append(dirs, data.ReleaseKeys)
	}
	l, err := readLedger(ctx, data)
	if err != nil {
		return y, nil, err
	}
	return proof.Year{
		Plans: plans, Registry: data.Registry, Kafka: data.Kafka, Partitions: data.Settings.Partitions, Dirs: dirs, Wrapped: store.FindWrapped, Pseudonym: l.Years[year].Facts.Pseudonym,
	}, store, nil
}

// plansOfYear finds the plans of a year: the configured ones, or that of the
// built-in policy when it is not configured any more.
func plansOfYear(data *attach.Data, year string) ([]*policy.Plan, error) {
	if plans := policy.Of(data.Plans, year); len(plans) > 0 {
		return plans, nil
	}
	p, err := policy.Default(year)
	if err != nil {
		return nil, err
	}
	plan, err := p.Plan()
	return []*policy.Plan{plan}, err
}

// destroyYear seals a probe with each key, by which copies are known, and
// destroys them.
func destroyYear(y *proof.Year, store *keys.Store) error {
	year := y.Name()
	shared, err := store.Gate()
	if err != nil {
		return err
	}
	for _, key := range []func(string) (tink.AEAD, error){store.Cohort, shared.StreamKey} {
		k, err := key(year)
		if errors.Is(err, keys.ErrKEK) || errors.Is(err, keys.ErrWrapped) {
			return err // without a probe a copy would not be known
		}
		if err != nil {
			continue // destroyed before, or never made: nothing to know copies by
		}
		context := []byte("probe " + year)
		sealed, err := k.Encrypt([]byte("probe"), context)
		if err != nil {
			return fmt.Errorf("sealing a probe: %w", err)
		}
		y.Probes = append(y.Probes, proof.Probe{Sealed: sealed, Context: context})
	}
	if id, err := store.PseudonymID(year); err == nil {
		y.Pseudonym = id
	}
	return store.DestroyYear(year)
}

// destroyConfirmed says what will be lost and reads the year.
func destroyConfirmed(c *cobra.Command, p *policy.Policy) bool {
	w := c.ErrOrStderr()
	if _, end := p.Bounds(); time.Now().Before(end) {
		fmt.Fprintf(w, "THE SCHOOL YEAR %s IS NOT OVER: nothing more of it can be counted or released.\n", p.SchoolYear)
	}
	fmt.Fprintf(w, "The keys of %s will be destroyed: nobody can open its snapshots or find a pupil in it again.\nIt cannot be undone. Type %s to go on: ", p.SchoolYear, p.SchoolYear)
	answer, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	return strings.TrimSpace(answer) == p.SchoolYear
}

// printProof prints what was tried, and is an error when something opened.
func printProof(c *cobra.Command, r proof.Result, asJSON bool) error {
	if asJSON {
		if err := printJSON(c, r); err != nil {
			return err
		}
	} else {
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "TOPIC\tSEALED\tOPENED BY %d KEYS\n", r.Keys)
		for _, t := range r.Tried {
			fmt.Fprintf(w, "%s\t%d\t%d\n", t.Topic, t.Sealed, t.Opened)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		for _, file := range r.Copies {
			fmt.Fprintf(c.OutOrStdout(), "a key of %s is in %s\n", r.Year, file)
		}
	}
	if !r.Holds() {
		return fmt.Errorf("%s: %w", r.Year, errAlive)
	}
	if !asJSON {
		fmt.Fprintf(c.OutOrStdout(), "nothing of %s opens\n", r.Year)
	}
	return nil
}
