// Command brume-ingest receives xAPI statements: it validates, maps and seals
// them, and forgets the rest.
package main

import (
	"context"
	"errors"

	"brume/cmd/internal/base"
	"brume/cmd/internal/intake"
	"brume/cmd/internal/process"
	"brume/ingest"
	"brume/internal/config"
	"brume/internal/httpserver"
	"brume/internal/lifecycle"
)

type settings struct {
	base.Config `koanf:",squash" yaml:",inline"`
	HTTP        httpserver.Config `koanf:"http" yaml:"http"`
	Ingest      ingest.Config     `koanf:"ingest" yaml:"ingest"`
}

func defaults() settings {
	return settings{base.DefaultConfig(), httpserver.DefaultConfig(), ingest.DefaultConfig()}
}

// Validate reports every fault.
func (c settings) Validate() error {
	return errors.Join(c.Config.Validate(), config.In("http", c.HTTP.Validate()), config.In("ingest", c.Ingest.Validate()))
}

func main() {
	process.Main("brume-ingest", defaults(), func(c *settings) *process.Config { return &c.Config.Config }, build)
}

func build(_ context.Context, env *process.Env, cfg settings) ([]lifecycle.Component, error) {
	intake.Collector()
	parts, err := cfg.Open(env)
	if err != nil {
		return nil, err
	}
	endpoint, err := intake.New(intake.Parts{
		Config: cfg.Ingest, Keys: cfg.Keys, Kafka: parts.Kafka, Registry: parts.Registry, Plans: parts.Plans,
		Partitions: cfg.Partitions, Pin: cfg.Pin("ingest"), Log: env.Log, Metrics: env.Metrics,
	})
	if err != nil {
		return nil, err
	}
	env.Health.Add("publishers", endpoint.Ready)
	server := httpserver.New(cfg.HTTP, endpoint.Handler(), env.Log)
	return []lifecycle.Component{
		{Name: "ingest", Run: endpoint.Run},
		{Name: "http", Run: func(ctx context.Context) error {
			if err := endpoint.Await(ctx); err != nil {
				return err
			}
			return server.Run(ctx)
		}},
	}, nil
}
