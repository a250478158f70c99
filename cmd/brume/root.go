package main

import (
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"brume/cmd/internal/datadir"
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
		serveCommand(), demoCommand(), simulateCommand(), replayCommand(), closeCommand(),
		policyCommand(), budgetCommand(), auditCommand(), keysCommand(), publishersCommand(),
		registryCommand(), configCommand(), clickhouseCommand(),
	)
	return root
}

// dataFlag adds the --data flag of commands that work on a data directory.
func dataFlag(c *cobra.Command) *string {
	return c.Flags().String("data", datadir.Current(), "data directory")
}

// quiet is the logger of commands: warnings and worse, to standard error.
func quiet() *slog.Logger {
	logger, err := telemetry.NewLogger(os.Stderr, telemetry.LogConfig{Level: "warn", Format: "text"})
	if err != nil {
		return telemetry.Discard()
	}
	return logger.Logger
}
