package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"brume/cmd/brume/sample"
	"brume/cmd/internal/attach"
	"brume/cmd/internal/base"
	"brume/ingest/publishers"
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
	on, with, asJSON := targetFlags(c), mappingFlag(c, mapping.Default), jsonFlag(c)
	var (
		file      = c.Flags().String("sample", "", "file of statements")
		publisher = c.Flags().String("publisher", "", "publisher whose tools count; with --data or --config, whose mapping is tried")
		dir       = c.Flags().String("registry", "", "registry directory (default: the installation's, or the demonstration)")
		version   = c.Flags().String("xapi", "1.0.3", "version of xAPI that the statements follow: 1.0.3 or 2.0.0")
		why       = c.Flags().Bool("why", false, "print which rule gave which value")
		source    = c.Flags().Bool("print", false, "print the shipped mapping, to begin your own from")
		brief     = c.Flags().Bool("summary", false, "print the summary only")
	)
	c.MarkFlagsOneRequired("sample", "print")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *source {
			return printMapping(c, *with)
		}
		trial, err := newTrial(*version)
		if err != nil {
			return err
		}
		trial.At = mapping.Reception{Publisher: *publisher, Time: time.Now()}
		if *publisher != "" && (c.Flags().Changed("data") || c.Flags().Changed("config")) {
			err = asRegistered(c.Context(), on, &trial)
		}
		if err == nil && (trial.Mapping == nil || c.Flags().Changed("mapping")) {
			trial.Mapping, err = mappingOf(*with)
		}
		if err == nil && (trial.Registry == nil || *dir != "") {
			trial.Registry, err = base.Config{Registry: *dir}.LoadRegistry()
		}
		if err != nil {
			return err
		}
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

func newTrial(version string) (sample.Trial, error) {
	if version != "2.0.0" && version != "1.0.3" {
		return sample.Trial{}, fmt.Errorf("--xapi: %q is neither 1.0.3 nor 2.0.0", version)
	}
	return sample.Trial{Options: xapi.Options{Multipart: true, V2: version == "2.0.0", Limits: xapi.DefaultLimits()}}, nil
}

// asRegistered takes the publisher's mapping and the registry from an
// installation.
func asRegistered(ctx context.Context, on target, trial *sample.Trial) error {
	return withAdmin(on, func(data *attach.Data, a *publishers.Admin) error {
		list, err := a.List(ctx)
		if err != nil {
			return err
		}
		for _, r := range list {
			if r.Name == trial.At.Publisher {
				trial.Registry = data.Registry
				trial.Mapping, err = publishers.ParseMapping(r.Mapping, r.MappingText)
				return err
			}
		}
		return fmt.Errorf("--publisher: %q is not registered", trial.At.Publisher)
	})
}

func mappingOf(from string) (*mapping.Mapping, error) {
	source, err := sourceOf(from)
	switch {
	case err != nil:
		return nil, err
	case source.Text == "":
		return mapping.Shipped(source.Name)
	}
	m, err := mapping.Parse([]byte(source.Text))
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", from, err)
	}
	return m, nil
}

func printMapping(c *cobra.Command, name string) error {
	data, err := mapping.Source(name)
	if err != nil {
		return err
	}
	_, err = c.OutOrStdout().Write(data)
	return err
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
