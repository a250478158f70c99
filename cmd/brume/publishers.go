package main

import (
	"cmp"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"brume/cmd/internal/attach"
	"brume/ingest/publishers"
	"brume/schemas/mapping"
)

func publishersCommand() *cobra.Command {
	c := &cobra.Command{Use: "publishers", Short: "Register tool publishers and their keys"}
	c.AddCommand(publishersAddCommand(), publishersListCommand(), publishersRotateCommand(), publishersRevokeCommand(), publishersMapCommand())
	return c
}

// credentials are shown once, when they are made.
type credentials struct {
	Name   string `json:"name"`
	Key    string `json:"key"`
	Secret string `json:"secret"`
}

func (k credentials) print(c *cobra.Command, asJSON bool) error {
	if asJSON {
		return printJSON(c, k)
	}
	fmt.Fprintf(c.OutOrStdout(), "publisher  %s\nkey        %s\nsecret     %s\n\nThe secret is shown this once.\n", k.Name, k.Key, k.Secret)
	return nil
}

// withAdmin runs a function on the registry of publishers of a data directory.
func withAdmin(on target, fn func(*publishers.Admin) error) error {
	return on.work(func(data *attach.Data) error { return fn(publishers.NewAdmin(data.Kafka, time.Now)) })
}

func publishersAddCommand() *cobra.Command {
	c := &cobra.Command{Use: "add NAME", Args: cobra.ExactArgs(1), Short: "Register a publisher and give it its first key"}
	on, asJSON := targetFlags(c), jsonFlag(c)
	with := c.Flags().String("mapping", "generic", fmt.Sprintf("how its statements become events: %v", mapping.ShippedNames()))
	c.RunE = func(c *cobra.Command, args []string) error {
		if _, err := mapping.Shipped(*with); err != nil {
			return err
		}
		return withAdmin(on, func(a *publishers.Admin) error {
			key, secret, err := a.Add(c.Context(), args[0], *with)
			if err != nil {
				return err
			}
			return credentials{args[0], key, secret}.print(c, *asJSON)
		})
	}
	return c
}

func publishersRotateCommand() *cobra.Command {
	c := &cobra.Command{Use: "rotate NAME", Args: cobra.ExactArgs(1), Short: "Give a publisher another key; the one before stays live"}
	on, asJSON := targetFlags(c), jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withAdmin(on, func(a *publishers.Admin) error {
			i, err := a.Rotate(c.Context(), args[0], "")
			if err != nil {
				return err
			}
			return credentials{args[0], i.Key.ID, i.Secret}.print(c, *asJSON)
		})
	}
	return c
}

func publishersRevokeCommand() *cobra.Command {
	c := &cobra.Command{Use: "revoke NAME [KEY]", Args: cobra.RangeArgs(1, 2), Short: "End one key of a publisher, or all of them"}
	on := targetFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		key := ""
		if len(args) == 2 {
			key = args[1]
		}
		return withAdmin(on, func(a *publishers.Admin) error {
			if err := a.Revoke(c.Context(), args[0], key); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %s ended\n", args[0], cmp.Or(key, "every key"))
			return nil
		})
	}
	return c
}

func publishersListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Args: cobra.NoArgs, Short: "List the publishers and their live keys"}
	on, asJSON := targetFlags(c), jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withAdmin(on, func(a *publishers.Admin) error {
			list, err := a.List(c.Context())
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(c, list)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NUMBER\tNAME\tMAPPING\tLIVE KEYS")
			for _, r := range list {
				fmt.Fprintf(w, "%d\t%s\t%s\t%d\n", r.Number, r.Name, r.Mapping, len(r.Keys))
			}
			return w.Flush()
		})
	}
	return c
}
