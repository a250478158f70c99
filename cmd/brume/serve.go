package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"brume/cmd/internal/datadir"
	"brume/cmd/internal/process"
	"brume/cmd/internal/single"
	"brume/internal/config"
	"brume/internal/telemetry"
)

func serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "serve", Args: cobra.NoArgs, Short: "Run all of Brume in one process",
		Long: `Run all of Brume in one process: dashboards, the xAPI endpoint at /xapi/ with
the publishers' pages at /publishers/, and the services behind them, on an
embedded broker and an embedded ClickHouse unless the configuration names others.
Both are durable; the data directory is all there is.

In one process the zones are code boundaries, not security boundaries.`,
	}
	load := singleFlags(c)
	check := c.Flags().Bool("check", false, "check the configuration and start nothing")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := load()
		if err != nil || *check {
			return err
		}
		logger, err := telemetry.NewLogger(os.Stderr, cfg.Log)
		if err != nil {
			return err
		}
		return serve(c, cfg, logger)
	}
	return c
}

func serve(c *cobra.Command, cfg single.Config, log *telemetry.Logger) (err error) {
	b, err := single.Open(c.Context(), cfg, log.Logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := errors.Join(log.Register(b.Metrics()), b.Dir.MakeCurrent()); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "dashboards  %s/\npublishers  %s/publishers/\nxAPI        %s/xapi/\nmetrics     %s/metrics\ndata        %s\n",
		b.URL(), b.URL(), b.URL(), b.MetricsURL(), cfg.Data)
	return b.Run(c.Context())
}

// singleFlags adds the flags of a one-process Brume and returns what loads its
// configuration: defaults, then file, then environment, then flags.
func singleFlags(c *cobra.Command) func() (single.Config, error) {
	f := c.Flags()
	file := f.String("config", os.Getenv("BRUME_CONFIG"), "configuration file (YAML)")
	f.String("data", filepath.Join(datadir.Default, "serve"), "data directory")
	f.String("keys", "", "key directory (default: in the data directory)")
	f.String("listen", "", "address of dashboards and endpoint")
	f.String("metrics", "", "address of the operators' port (with --listen: a free one)")
	return func() (single.Config, error) {
		cfg := single.DefaultConfig()
		cfg.Data = cmp.Or(os.Getenv("BRUME_DATA"), f.Lookup("data").DefValue)
		flags := map[string]any{}
		for flag, key := range map[string]string{"data": "data", "keys": "keys", "listen": "http.listen", "metrics": "metrics"} {
			if f.Changed(flag) {
				flags[key] = f.Lookup(flag).Value.String()
			}
		}
		if f.Changed("listen") && !f.Changed("metrics") {
			flags["metrics"] = "127.0.0.1:0"
		}
		err := config.Load(&cfg, config.Sources{File: *file, Environ: os.Environ(), Flags: flags, Others: process.Sections})
		return cfg, err
	}
}

func configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Args: cobra.NoArgs, Short: "Check the configuration; with --dump print all of it"}
	load := singleFlags(c)
	dump := c.Flags().Bool("dump", false, "print the configuration as YAML, defaults included")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := load()
		if err != nil || !*dump {
			return err
		}
		text, err := config.Dump(&cfg)
		if err != nil {
			return err
		}
		_, err = c.OutOrStdout().Write(text)
		return err
	}
	return c
}
