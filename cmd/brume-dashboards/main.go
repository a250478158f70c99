// Command brume-dashboards serves the pages. It reads the published database
// as a user who can do nothing else.
package main

import (
	"context"
	"errors"

	"brume/cmd/internal/process"
	"brume/dashboards"
	"brume/internal/clickhouse"
	"brume/internal/config"
	"brume/internal/httpserver"
	"brume/internal/lifecycle"
)

type settings struct {
	process.Config `koanf:",squash" yaml:",inline"`
	HTTP           httpserver.Config `koanf:"http" yaml:"http"`
	ClickHouse     users             `koanf:"clickhouse" yaml:"clickhouse"`
	Dashboards     dashboards.Config `koanf:"dashboards" yaml:"dashboards"`
}

// users are as whom ClickHouse is spoken to: this service needs one.
type users struct {
	Dashboards clickhouse.Config `koanf:"dashboards" yaml:"dashboards"`
}

func defaults() settings {
	return settings{process.DefaultConfig(), httpserver.DefaultConfig(), users{clickhouse.DefaultConfig()}, dashboards.DefaultConfig()}
}

// Validate reports every fault.
func (c settings) Validate() error {
	return errors.Join(c.Config.Validate(), config.In("http", c.HTTP.Validate()),
		config.In("clickhouse.dashboards", c.ClickHouse.Dashboards.Validate()), c.Dashboards.Validate())
}

func main() {
	process.Main("brume-dashboards", defaults(), func(c *settings) *process.Config { return &c.Config }, build)
}

func build(ctx context.Context, env *process.Env, cfg settings) ([]lifecycle.Component, error) {
	reader, err := clickhouse.Open(cfg.ClickHouse.Dashboards)
	if err != nil {
		return nil, err
	}
	env.OnClose(reader.Close)
	pages, err := dashboards.New(cfg.Dashboards, dashboards.Deps{ClickHouse: reader, Log: env.Log, Metrics: env.Metrics})
	if err != nil {
		return nil, err
	}
	return []lifecycle.Component{{Name: "http", Run: httpserver.New(cfg.HTTP, pages.Handler(), env.Log).Run}}, nil
}
