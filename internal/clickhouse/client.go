package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Rows walks a result: Next, Scan, Err, Close.
type Rows = driver.Rows

// Batch gathers rows or whole columns for one insert: Append, Column, Send,
// Close. Nothing is durable before Send has returned nil; a Send that failed
// may or may not have inserted.
type Batch = driver.Batch

// Client is a pool of connections as one user.
type Client struct {
	conn driver.Conn
}

// Open prepares a pool; it dials on first use.
func Open(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	password, err := cfg.password()
	if err != nil {
		return nil, err
	}
	opts := &ch.Options{
		Addr:         strings.Split(cfg.Addr, ","),
		Auth:         ch.Auth{Database: cfg.Database, Username: cfg.User, Password: password},
		DialTimeout:  cfg.DialTimeout,
		MaxOpenConns: cfg.MaxConns,
		MaxIdleConns: cfg.MaxConns,
		Compression:  &ch.Compression{Method: ch.CompressionLZ4},
	}
	if cfg.TLS {
		opts.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	}
	conn, err := ch.Open(opts)
	if err != nil {
		return nil, fmt.Errorf("opening %v: %w", cfg, err)
	}
	return &Client{conn: conn}, nil
}

// Ping asks the server whether it answers.
func (c *Client) Ping(ctx context.Context) error {
	ctx, stop := unhurried(ctx)
	defer stop()
	return c.conn.Ping(ctx)
}

// Exec runs a statement that returns no rows. Arguments are bound by the
// server: `{name:Type}` in sql with Param values.
func (c *Client) Exec(ctx context.Context, sql string, args ...any) error {
	ctx, stop := unhurried(ctx)
	defer stop()
	return c.conn.Exec(ctx, sql, args...)
}

// Query runs a statement and returns its rows, which the caller MUST close.
func (c *Client) Query(ctx context.Context, sql string, args ...any) (Rows, error) {
	ctx, stop := unhurried(ctx)
	rows, err := c.conn.Query(ctx, sql, args...)
	if err != nil {
		stop()
		return nil, err
	}
	return &heldRows{Rows: rows, stop: stop}, nil
}

// Batch starts an insert, for example "INSERT INTO staging.cells". The caller
// MUST Close it; it holds a connection until then.
func (c *Client) Batch(ctx context.Context, insertSQL string) (Batch, error) {
	return c.conn.PrepareBatch(ctx, insertSQL)
}

// Close ends the pool.
func (c *Client) Close() error { return c.conn.Close() }

// Param is a value for `{name:Type}` in the SQL. Values never become SQL text
// on our side.
func Param(name string, value any) driver.NamedValue { return ch.Named(name, value) }

// Code returns the server's error number, 0 when err did not come from there.
func Code(err error) int32 {
	var ex *ch.Exception
	if errors.As(err, &ex) {
		return ex.Code
	}
	return 0
}

// unhurried hides the deadline of ctx from the driver and keeps its effect:
// the driver turns a deadline into a max_execution_time setting, which a
// read-only user may not send. The server's own limit stays in force.
func unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	plain, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	timer := time.AfterFunc(time.Until(deadline), func() { cancel(context.DeadlineExceeded) })
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return plain, func() {
		stop()
		timer.Stop()
		cancel(nil)
	}
}

// heldRows keeps the context of its query alive until Close.
type heldRows struct {
	driver.Rows
	stop context.CancelFunc
}

func (r *heldRows) Close() error {
	defer r.stop()
	return r.Rows.Close()
}
