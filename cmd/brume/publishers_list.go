package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"brume/cmd/internal/attach"
	"brume/ingest/publishers"
)

func publishersListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Args: cobra.NoArgs, Short: "List the publishers and their live keys"}
	on, asJSON := targetFlags(c), jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withAdmin(on, func(_ *attach.Data, a *publishers.Admin) error {
			list, err := a.List(c.Context())
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(c, list)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NUMBER\tNAME\tMAPPING\tKEY\tKIND\tCREATED\tLIMITS")
			for _, r := range list {
				printPublisher(w, &r)
			}
			return w.Flush()
		})
	}
	return c
}

// printPublisher prints a line for each key, and one for a publisher without.
func printPublisher(w *tabwriter.Writer, r *publishers.Record) {
	from := r.Mapping
	if r.MappingText != "" {
		from += " (its own)"
	}
	if len(r.Keys) == 0 {
		fmt.Fprintf(w, "%d\t%s\t%s\tno live key\t\t\t\n", r.Number, r.Name, from)
	}
	for i := range r.Keys {
		k := &r.Keys[i]
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Number, r.Name, from, k.ID, kindOf(k), k.Created.Format("2006-01-02"), limitsOf(k))
	}
}

// kindOf tells also by what a key is known.
func kindOf(k *publishers.Key) string {
	switch kind := k.Kind(); kind {
	case publishers.Client:
		return string(kind) + " " + k.Client
	case publishers.Certificate:
		return string(kind) + " " + k.Certificate[:min(16, len(k.Certificate))] + "…"
	default:
		return string(kind)
	}
}

// limitsOf lists what binds a key, "-" when nothing does.
func limitsOf(k *publishers.Key) string {
	var list []string
	if k.Sandbox {
		list = append(list, "sandbox")
	}
	l := k.Limits
	if l.Rate > 0 {
		list = append(list, fmt.Sprintf("%d/s, %d at once", l.Rate, l.AtOnce()))
	}
	for _, part := range []struct {
		name   string
		values []string
	}{{"schools", l.Schools}, {"tools", l.Tools}, {"prefixes", l.Prefixes}} {
		if len(part.values) > 0 {
			list = append(list, part.name+" "+strings.Join(part.values, " "))
		}
	}
	if k.Newer() {
		list = append(list, "and what a newer version knows")
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, "; ")
}
