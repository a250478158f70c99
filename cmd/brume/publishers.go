package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"brume/cmd/internal/attach"
	"brume/ingest/publishers"
	"brume/schemas/mapping"
)

func publishersCommand() *cobra.Command {
	c := &cobra.Command{Use: "publishers", Short: "Register tool publishers and their keys"}
	c.AddCommand(publishersAddCommand(), publishersKeyCommand(), publishersSetCommand(),
		publishersListCommand(), publishersRotateCommand(), publishersRevokeCommand(), publishersMapCommand())
	return c
}

// credentials are shown once, when they are made.
type credentials struct {
	Name   string          `json:"name"`
	Key    string          `json:"key"`
	Kind   publishers.Kind `json:"kind"`
	Secret string          `json:"secret,omitzero"`
}

func issued(name string, i publishers.Issued) credentials {
	return credentials{name, i.Key.ID, i.Key.Kind(), i.Secret}
}

func (k credentials) print(c *cobra.Command, asJSON bool) error {
	if asJSON {
		return printJSON(c, k)
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "publisher  %s\nkey        %s\n", k.Name, k.Key)
	if k.Secret == "" {
		fmt.Fprintf(w, "kind       %s\n", k.Kind)
		return nil
	}
	fmt.Fprintf(w, "secret     %s\n\nThe secret is shown this once.\n", k.Secret)
	return nil
}

// withAdmin runs a function on the registry of publishers of an installation.
func withAdmin(on target, fn func(*attach.Data, *publishers.Admin) error) error {
	return on.work(func(data *attach.Data) error { return fn(data, publishers.NewAdmin(data.Kafka, time.Now)) })
}

func publishersAddCommand() *cobra.Command {
	c := &cobra.Command{Use: "add NAME", Args: cobra.ExactArgs(1), Short: "Register a publisher and give it its first key"}
	on, asJSON, from, grant := targetFlags(c), jsonFlag(c), mappingFlag(c, mapping.Default), grantFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		source, err := sourceOf(*from)
		if err != nil {
			return err
		}
		return withAdmin(on, func(d *attach.Data, a *publishers.Admin) error {
			g, err := grant(d)
			if err != nil {
				return err
			}
			i, err := a.Register(c.Context(), args[0], source, g)
			if err != nil {
				return err
			}
			return issued(args[0], i).print(c, *asJSON)
		})
	}
	return c
}

func publishersKeyCommand() *cobra.Command {
	c := &cobra.Command{Use: "key NAME", Args: cobra.ExactArgs(1), Short: "Give a publisher one more key, of any kind and with limits of its own"}
	on, asJSON, grant := targetFlags(c), jsonFlag(c), grantFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withAdmin(on, func(d *attach.Data, a *publishers.Admin) error {
			g, err := grant(d)
			if err != nil {
				return err
			}
			i, err := a.Give(c.Context(), args[0], g)
			if err != nil {
				return err
			}
			return issued(args[0], i).print(c, *asJSON)
		})
	}
	return c
}

func publishersSetCommand() *cobra.Command {
	c := &cobra.Command{Use: "set NAME --mapping NAME|FILE", Args: cobra.ExactArgs(1), Short: "Give a publisher another mapping"}
	on, from := targetFlags(c), mappingFlag(c, "")
	c.RunE = func(c *cobra.Command, args []string) error {
		source, err := sourceOf(*from)
		if err != nil {
			return err
		}
		return withAdmin(on, func(_ *attach.Data, a *publishers.Admin) error {
			if err := a.Map(c.Context(), args[0], source); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: mapping changed\n", args[0])
			return nil
		})
	}
	return c
}

func publishersRotateCommand() *cobra.Command {
	c := &cobra.Command{Use: "rotate NAME [KEY]", Args: cobra.RangeArgs(1, 2),
		Short: "Replace a publisher's secret: the new one has the old one's limits, and the old one stays live"}
	on, asJSON := targetFlags(c), jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withAdmin(on, func(_ *attach.Data, a *publishers.Admin) error {
			i, err := a.Rotate(c.Context(), args[0], keyOf(args))
			if err != nil {
				return err
			}
			return issued(args[0], i).print(c, *asJSON)
		})
	}
	return c
}

// keyOf is the optional argument KEY, after NAME.
func keyOf(args []string) string { return append(args, "")[1] }

func publishersRevokeCommand() *cobra.Command {
	c := &cobra.Command{Use: "revoke NAME [KEY]", Args: cobra.RangeArgs(1, 2), Short: "End one key of a publisher, or all of them"}
	on := targetFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		key := keyOf(args)
		return withAdmin(on, func(_ *attach.Data, a *publishers.Admin) error {
			if err := a.Revoke(c.Context(), args[0], key); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %s ended\n", args[0], cmp.Or(key, "every key"))
			return nil
		})
	}
	return c
}
