package main

import (
	"errors"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"brume/cmd/internal/attach"
	"brume/cmd/internal/datadir"
	"brume/cmd/internal/process"
	"brume/internal/config"
	"brume/internal/telemetry"
)

const about = `Brume measures the use of public learning tools and never shows a pupil.

xAPI statements flow through Kafka, are pseudonymised and noised with
differential privacy, and are aggregated in ClickHouse for dashboards.

  brume demo                 everything, with invented pupils
  brume serve                everything in one process, for real statements
  brume policy plan          what a policy costs and what error to expect`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use: "brume", Short: "Learning statistics that never show a pupil", Long: about,
		SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(
		serveCommand(), demoCommand(), simulateCommand(), replayCommand(), closeCommand(), gapCommand(),
		policyCommand(), budgetCommand(), auditCommand(), keysCommand(), rightsCommand(), publishersCommand(),
		registryCommand(), configCommand(), clickhouseCommand(),
	)
	return root
}

// target is the installation that a command works on.
type target struct{ data, file *string }

// targetFlags adds the flags that name it: a data directory of `brume serve`,
// or the configuration of an installation of several services.
func targetFlags(c *cobra.Command) target {
	return target{
		c.Flags().String("data", datadir.Current(), "data directory of a one-process Brume"),
		c.Flags().String("config", "", "configuration file of separate services, instead of --data"),
	}
}

// open attaches to the installation.
func (t target) open() (*attach.Data, error) {
	if *t.file == "" {
		return attach.Open(*t.data, quiet())
	}
	cfg := attach.DefaultConfig()
	if err := config.Load(&cfg, config.Sources{File: *t.file, Environ: os.Environ(), Others: process.Sections}); err != nil {
		return nil, err
	}
	return attach.Services(cfg, quiet())
}

// work runs a function on the installation.
func (t target) work(fn func(*attach.Data) error) error {
	data, err := t.open()
	if err != nil {
		return err
	}
	return errors.Join(fn(data), data.Close())
}

// quiet is the logger of commands: warnings and worse, to standard error.
func quiet() *slog.Logger {
	logger, err := telemetry.NewLogger(os.Stderr, telemetry.LogConfig{Level: "warn", Format: "text"})
	if err != nil {
		return telemetry.Discard()
	}
	return logger.Logger
}
