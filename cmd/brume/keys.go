package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"brume/anonymize/keys"
	"brume/cmd/internal/base"
	"brume/cmd/internal/datadir"
)

func keysCommand() *cobra.Command {
	c := &cobra.Command{Use: "keys", Short: "Make, list, rotate and destroy the keys"}
	c.AddCommand(keysInitCommand(), keysListCommand(), keysRotateCommand(), keysDestroyCommand())
	return c
}

// keysFlag adds the --keys flag; by default the keys lie in the data directory.
func keysFlag(c *cobra.Command) *string {
	return c.Flags().String("keys", datadir.Dir(datadir.Current()).Keys(), "key directory")
}

func keysInitCommand() *cobra.Command {
	c := &cobra.Command{Use: "init", Short: "Make the keys that are missing; never overwrites one", Args: cobra.NoArgs}
	dir := keysFlag(c)
	years := c.Flags().StringSlice("years", base.DefaultConfig().Policies, "school years")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := keys.Init(*dir, *years, time.Now()); err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "keys are in %s\n", *dir)
		return nil
	}
	return c
}

func keysListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "Say which keys exist; never what they are", Args: cobra.NoArgs}
	dir, asJSON := keysFlag(c), jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		store, err := keys.Open(*dir)
		if err != nil {
			return err
		}
		infos, err := store.List()
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(c, infos)
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "KEY\tFOR\tMADE\tUNTIL")
		for _, i := range infos {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", i.Name, i.Kind, day(i.Created), until(i))
		}
		return w.Flush()
	}
	return c
}

func until(i keys.Info) string {
	if i.Destroyed {
		return "destroyed"
	}
	return day(i.NotAfter)
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}
