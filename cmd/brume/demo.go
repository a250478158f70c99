package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"brume/cmd/brume/demo"
	"brume/cmd/brume/simulate"
	"brume/cmd/internal/datadir"
	"brume/cmd/internal/single"
	"brume/internal/telemetry"
	"brume/schemas/registry"
)

func demoCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "demo", Args: cobra.NoArgs, Short: "Show all of Brume with invented pupils",
		Long: `Show all of Brume with invented pupils: a simulated school year is sent by
invented tools to the real endpoint, week by week, and released week by week.

With --once it prints a summary and exits; otherwise the dashboards stay open.
Killed at any time, the same command goes on where it stopped.`,
	}
	cfg := simulationFlags(c, simulate.Config{Pupils: 20_000, Weeks: 12, Seed: 1})
	f := c.Flags()
	once, asJSON := f.Bool("once", false, "print a summary and exit"), jsonFlag(c)
	dir := f.String("data", "", "data directory (default: "+filepath.Join(datadir.Default, "demo")+", emptied when it holds another demonstration)")
	keys := f.String("keys", "", "key directory (default: in the data directory)")
	listen := f.String("listen", "127.0.0.1:8080", "address of the dashboards; another port when it is taken")
	logLevel := f.String("log", "warn", "debug, info, warn or error")
	c.RunE = func(c *cobra.Command, _ []string) error {
		p := demo.Params{Pupils: cfg.Pupils, Weeks: cfg.Weeks, Seed: cfg.Seed}
		one, err := demoConfig(p, *dir, *keys)
		if err != nil {
			return err
		}
		one.Log.Level = *logLevel
		one.HTTP.Listen, one.Metrics = "127.0.0.1:0", "127.0.0.1:0"
		if !*once {
			one.HTTP.Listen, one.Metrics = freeOr(*listen), freeOr("127.0.0.1:9090")
		}
		return runDemo(c, one, p, *once, *asJSON)
	}
	return c
}

// demoConfig is the configuration of a demonstration: its own year and few
// departments, the data's clock.
func demoConfig(p demo.Params, dir, keys string) (single.Config, error) {
	cfg := single.DefaultConfig()
	cfg.Policies, cfg.Departments = []string{simulate.SchoolYear}, simulate.Departments(p.Pupils)
	cfg.Data, cfg.Dashboards.Demo = dir, true
	cfg.Dashboards.DefaultArea = registry.DemonstrationDepartments()[0]
	if keys != "" {
		abs, err := filepath.Abs(keys)
		if err != nil {
			return cfg, fmt.Errorf("key directory: %w", err)
		}
		cfg.Keys = abs
	}
	if dir != "" {
		return cfg, errors.Join(demo.Claim(datadir.Dir(dir), p), cfg.Validate())
	}
	cfg.Data = filepath.Join(datadir.Default, "demo")
	return cfg, errors.Join(demo.Prepare(datadir.Dir(cfg.Data), p), cfg.Validate())
}

// freeOr returns the address, or one with a free port when it is taken.
func freeOr(addr string) string {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		host, _, _ := net.SplitHostPort(addr)
		return net.JoinHostPort(host, "0")
	}
	l.Close()
	return addr
}

func runDemo(c *cobra.Command, cfg single.Config, p demo.Params, once, asJSON bool) (err error) {
	started := time.Now()
	log, err := telemetry.NewLogger(os.Stderr, cfg.Log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(c.Context())
	defer cancel(nil)
	show, done := progress(c)
	show("starting the broker and ClickHouse")
	b, err := single.Open(ctx, cfg, log.Logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := b.Dir.MakeCurrent(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		err := b.Run(ctx)
		ended <- err
		cancel(err)
	}()
	d := &demo.Demo{Brume: b, Params: p, Progress: show}
	summary, err := d.Run(ctx, started)
	done()
	if err == nil {
		err = errors.Join(printSummary(c, summary, asJSON), summary.Check())
	}
	if err == nil && !once {
		fmt.Fprintf(c.OutOrStdout(), "\nThe dashboards are open: %s/trend\nThe publishers' pages:   %s/publishers/\nCtrl-C ends them.\n", b.URL(), b.URL())
		<-ctx.Done()
	}
	cancel(nil)
	failed := <-ended
	if failed != nil && errors.Is(err, context.Canceled) {
		return failed // why the context ended
	}
	return errors.Join(err, failed)
}

func printSummary(c *cobra.Command, s demo.Summary, asJSON bool) error {
	if asJSON {
		return printJSON(c, s)
	}
	fmt.Fprintf(c.OutOrStdout(), `sent          %d statements
acknowledged  %d (refused %d: they break a rule of xAPI)
folded        %d (late %d), duplicates %d, dropped %s
released      %d releases, %d cells (planned %d), %d rows in ClickHouse
privacy       ε = %g, δ = %g a school year; μ² spent %.4f of %.4f
time          %.1f s
`, s.Sent, s.Acknowledged, s.Refused, s.Folded, s.Late, s.Duplicates, reasons(s.Dropped), s.Releases, s.Cells, s.PlannedCells,
		s.ClickHouseRows, s.Epsilon, s.Delta, s.Mu2Spent, s.Mu2Limit, s.SecondsByStage.Total)
	return nil
}

// reasons lists what was dropped, with the sum before it.
func reasons(dropped map[string]int64) string {
	var sum int64
	var each []string
	for _, reason := range slices.Sorted(maps.Keys(dropped)) {
		sum += dropped[reason]
		each = append(each, fmt.Sprintf("%s %d", reason, dropped[reason]))
	}
	if sum == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%s)", sum, strings.Join(each, ", "))
}
