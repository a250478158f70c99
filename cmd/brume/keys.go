package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"brume/anonymize/keys"
	"brume/anonymize/keys/vault"
	"brume/cmd/internal/attach"
	"brume/cmd/internal/base"
	"brume/cmd/internal/datadir"
	"brume/cmd/internal/process"
	"brume/internal/config"
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

// privateKeys adds the flags of commands that make or read private keys, and
// returns what finds the key directory and what wraps it.
func privateKeys(c *cobra.Command) func() (dir string, kek *keys.KEK, err error) {
	flag := keysFlag(c)
	file := c.Flags().String("config", "", "configuration file of separate services, for keys and vault")
	return func() (string, *keys.KEK, error) {
		dir, from := *flag, vault.Config{}
		if *file != "" {
			cfg := attach.DefaultConfig()
			if err := config.Load(&cfg, config.Sources{File: *file, Environ: os.Environ(), Others: process.Sections}); err != nil {
				return "", nil, err
			}
			from = cfg.Vault
			if !c.Flags().Changed("keys") {
				dir = cfg.Keys
			}
		} else if s, err := datadir.Dir(datadir.Current()).Settings(); err == nil && !c.Flags().Changed("keys") {
			from = s.Vault
		}
		kek, err := from.Open()
		return dir, kek, err
	}
}

func keysInitCommand() *cobra.Command {
	c := &cobra.Command{Use: "init", Short: "Make the keys that are missing; never overwrites one", Args: cobra.NoArgs}
	where := privateKeys(c)
	years := c.Flags().StringSlice("years", base.DefaultConfig().Policies, "school years")
	c.RunE = func(c *cobra.Command, _ []string) error {
		dir, kek, err := where()
		if err != nil {
			return err
		}
		if err := keys.InitUnder(dir, *years, time.Now(), kek); err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "keys are in %s\n", dir)
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
		fmt.Fprintln(w, "KEY\tFOR\tMADE\tUNTIL\tWRAPPED BY")
		for _, i := range infos {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", i.Name, i.Kind, day(i.Created), until(i), i.WrappedBy)
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
