package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"brume/internal/clickhouse"
)

// ClickHouseConfig says where the embedded server keeps its data and listens.
type ClickHouseConfig struct {
	Dir     string // created if needed; holds data, configuration and passwords
	TCPPort int    // native protocol on 127.0.0.1; 0 takes a free port

	// HTTPPort opens HTTP on 127.0.0.1, which nothing of Brume speaks; 0 keeps
	// it closed.
	HTTPPort int
}

// ClickHouse is a running server and the supervisor that starts it again when
// it dies, on the same address.
type ClickHouse struct {
	addr      string
	passwords map[string]string
	server    *supervisor
}

const (
	startTimeout = 60 * time.Second
	pollEvery    = 50 * time.Millisecond
)

// StartClickHouse starts the server on Dir, waits until it answers and makes
// its databases. An insert that the server acknowledged MUST survive the
// death of the server, of this process and of the machine's power.
func StartClickHouse(ctx context.Context, cfg ClickHouseConfig, log *slog.Logger) (*ClickHouse, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the ClickHouse directory: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		return nil, fmt.Errorf("making the ClickHouse directory: %w", err)
	}
	port, err := portFor(cfg.TCPPort)
	if err != nil {
		return nil, err
	}
	configFile, passwords, err := writeConfig(dir, port, cfg.HTTPPort)
	if err != nil {
		return nil, err
	}
	server, err := supervise(configFile, log)
	if err != nil {
		return nil, err
	}
	c := &ClickHouse{addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), passwords: passwords, server: server}
	if err := c.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting ClickHouse in %s: %w", dir, err), c.Close())
	}
	return c, nil
}

// Addr is host:port of the native protocol.
func (c *ClickHouse) Addr() string { return c.addr }

// User is how to connect as one of the four users.
func (c *ClickHouse) User(name string) clickhouse.Config {
	cfg := clickhouse.DefaultConfig()
	cfg.Addr, cfg.User, cfg.Password = c.addr, name, c.passwords[name]
	return cfg
}

// Close ends the server and waits for it.
func (c *ClickHouse) Close() error { return c.server.close() }

// prepare waits until the server answers and makes the databases.
func (c *ClickHouse) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	cfg := c.User(Migrator)
	cfg.Database = "system"
	db, err := clickhouse.Open(cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	for err = db.Ping(ctx); err != nil; err = db.Ping(ctx) {
		if stopped := c.server.gaveUp(); stopped != nil {
			return stopped
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for its answer: %w", err)
		case <-time.After(pollEvery):
		}
	}
	for _, name := range Databases {
		if err := db.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+name+" ENGINE = Atomic"); err != nil {
			return fmt.Errorf("making database %s: %w", name, err)
		}
	}
	return nil
}

// portFor returns want, or a port that was free a moment ago.
func portFor(want int) (int, error) {
	if want != 0 {
		return want, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
