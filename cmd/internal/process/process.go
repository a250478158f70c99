// Package process runs one service as a process of its own: flags,
// configuration, logs, metrics, components, drain.
package process

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"brume/internal/config"
	"brume/internal/httpserver"
	"brume/internal/lifecycle"
	"brume/internal/telemetry"
)

// Config is the part of the configuration that every process has.
type Config struct {
	Log     telemetry.LogConfig `koanf:"log" yaml:"log"`
	Metrics string              `koanf:"metrics" yaml:"metrics"` // address of the operators' port
}

// DefaultConfig logs at level info and serves metrics on loopback.
func DefaultConfig() Config {
	return Config{Log: telemetry.DefaultLogConfig(), Metrics: "127.0.0.1:9090"}
}

// Validate reports every fault.
func (c Config) Validate() error {
	ops := httpserver.DefaultConfig()
	ops.Listen = c.Metrics
	if err := ops.Validate(); err != nil {
		return errors.Join(c.Log.Validate(), fmt.Errorf("metrics: %w", err))
	}
	return c.Log.Validate()
}

// Sections are those of the configuration file that all processes share; each
// reads its own.
var Sections = []string{
	"metrics", "kafka", "partitions", "policies", "registry", "keys", "vault", "state", "release_keys", "operate", "close", "http",
	"clickhouse.migrator", "clickhouse.loader", "clickhouse.dashboards", "ingest", "anonymize", "aggregate", "dashboards",
}

// Env is what a process gives the service that it runs.
type Env struct {
	Log     *slog.Logger
	Metrics *prometheus.Registry
	Health  *telemetry.Health
	closers []func() error
}

// OnClose runs a function when everything has drained, the last given first.
func (e *Env) OnClose(fn func() error) { e.closers = append(e.closers, fn) }

// Service is what a main puts together from its configuration. It MUST build
// everything and start nothing.
type Service[C any] func(ctx context.Context, env *Env, cfg C) ([]lifecycle.Component, error)

// Main is the whole of a service's main: it exits with 0 after a clean drain,
// 1 after a failure, 2 when the configuration has faults.
func Main[C any](name string, defaults C, process func(*C) *Config, build Service[C]) {
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	file := flags.String("config", os.Getenv("BRUME_CONFIG"), "configuration file (YAML); BRUME_* variables override it")
	check := flags.Bool("check", false, "build everything and start nothing")
	dump := flags.Bool("dump", false, "print the configuration and exit")
	_ = flags.Parse(os.Args[1:]) // exits on error
	cfg := defaults
	err := config.Load(&cfg, config.Sources{File: *file, Environ: os.Environ(), Others: Sections})
	if err == nil && *dump {
		if err = print(os.Stdout, &cfg); err == nil {
			return
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(2)
	}
	ctx, stop := lifecycle.Signals(context.Background())
	err = run(ctx, cfg, *process(&cfg), *check, build)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

func print(w io.Writer, cfg any) error {
	text, err := config.Dump(cfg)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func run[C any](ctx context.Context, cfg C, p Config, check bool, build Service[C]) (err error) {
	logger, err := telemetry.NewLogger(os.Stderr, p.Log)
	if err != nil {
		return err
	}
	env := &Env{Log: logger.Logger, Metrics: telemetry.NewMetrics(), Health: &telemetry.Health{}}
	if err := logger.Register(env.Metrics); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	defer func() {
		for i := len(env.closers) - 1; i >= 0; i-- {
			err = errors.Join(err, env.closers[i]())
		}
	}()
	parts, err := build(ctx, env, cfg)
	if err != nil || check {
		return err
	}
	ops := httpserver.DefaultConfig()
	ops.Listen = p.Metrics
	server := httpserver.New(ops, telemetry.Handler(env.Metrics, env.Health), env.Log)
	parts = append([]lifecycle.Component{{Name: "metrics", Run: server.Run}}, parts...)
	return lifecycle.Run(ctx, env.Log, 30*time.Second, parts...)
}
