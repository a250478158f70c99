package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"brume/cmd/brume/sample"
	"brume/cmd/internal/base"
	"brume/schemas/mapping"
	"brume/schemas/xapi"
)

const aboutMap = `Try a mapping on your own statements, offline: nothing is sent or kept.

The file holds one statement, an array, or NDJSON, packed with gzip or not. For
each statement the command prints what Brume would keep of it, or which rule it
breaks, or why it is not counted. The summary lists the values that no table
knows, at the places where the mapping looks.

  brume publishers map --print --mapping moodle >moodle.yaml
  brume publishers map --sample log.ndjson.gz --mapping moodle.yaml --why`

func publishersMapCommand() *cobra.Command {
	c := &cobra.Command{Use: "map", Args: cobra.NoArgs, Short: "Say what a mapping makes of a file of statements", Long: aboutMap}
	var (
		file      = c.Flags().String("sample", "", "file of statements")
		with      = c.Flags().String("mapping", mapping.Default, fmt.Sprintf("a YAML file, or one of %v", mapping.ShippedNames()))
		publisher = c.Flags().String("publisher", "", "publisher whose registered tools count")
		dir       = c.Flags().String("registry", "", "registry directory (default: the demonstration)")
		version   = c.Flags().String("xapi", "1.0.3", "version of xAPI that the statements follow: 1.0.3 or 2.0.0")
		why       = c.Flags().Bool("why", false, "print which rule gave which value")
		source    = c.Flags().Bool("print", false, "print the shipped mapping, to begin your own from")
		brief     = c.Flags().Bool("summary", false, "print the summary only")
		asJSON    = jsonFlag(c)
	)
	c.MarkFlagsOneRequired("sample", "print")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *source {
			return printMapping(c, *with)
		}
		trial, err := newTrial(*with, *dir, *version)
		if err != nil {
			return err
		}
		trial.At = mapping.Reception{Publisher: *publisher, Time: time.Now()}
		statements, err := sample.Read(*file)
		if err != nil {
			return err
		}
		if *asJSON {
			return mapAsJSON(c, trial, statements, *brief)
		}
		return mapAsText(c, trial, statements, *brief, *why)
	}
	return c
}

func newTrial(with, dir, version string) (sample.Trial, error) {
	t := sample.Trial{Options: xapi.Options{Multipart: true, V2: version == "2.0.0", Limits: xapi.DefaultLimits()}}
	if version != "2.0.0" && version != "1.0.3" {
		return t, fmt.Errorf("xapi: %q is neither 1.0.3 nor 2.0.0", version)
	}
	var err error
	if t.Mapping, err = namedMapping(with); err != nil {
		return t, err
	}
	t.Registry, err = base.Config{Registry: dir}.LoadRegistry()
	return t, err
}

func printMapping(c *cobra.Command, name string) error {
	data, err := mapping.Source(name)
	if err != nil {
		return err
	}
	_, err = c.OutOrStdout().Write(data)
	return err
}

// namedMapping loads a file when there is one of that name, else a shipped
// mapping.
func namedMapping(name string) (*mapping.Mapping, error) {
	if _, err := os.Stat(name); err == nil || strings.ContainsAny(name, `./\`) {
		return mapping.Load(name)
	}
	return mapping.Shipped(name)
}

func mapAsJSON(c *cobra.Command, trial sample.Trial, statements [][]byte, brief bool) error {
	r := sample.Report{Statements: []sample.Line{}}
	var err error
	r.Summary, err = trial.Run(statements, func(l sample.Line) error {
		if !brief {
			r.Statements = append(r.Statements, l)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if brief {
		return printJSON(c, r.Summary)
	}
	return printJSON(c, r)
}

func mapAsText(c *cobra.Command, trial sample.Trial, statements [][]byte, brief, why bool) error {
	w := c.OutOrStdout()
	if !brief {
		if err := sample.WriteHeader(w); err != nil {
			return err
		}
	}
	sum, err := trial.Run(statements, func(l sample.Line) error {
		if brief {
			return nil
		}
		return l.WriteText(w, why)
	})
	if err != nil {
		return err
	}
	if !brief {
		fmt.Fprintln(w)
	}
	return sum.WriteText(w)
}
