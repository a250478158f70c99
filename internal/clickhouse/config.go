package clickhouse

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Config says where ClickHouse is and as whom to speak to it.
type Config struct {
	Addr         string        `koanf:"addr"` // host:port of the native protocol; several separated by commas
	Database     string        `koanf:"database"`
	User         string        `koanf:"user"`
	Password     string        `koanf:"-"` // set by the embedded starter; never read from configuration
	PasswordFile string        `koanf:"password_file"`
	TLS          bool          `koanf:"tls"`
	DialTimeout  time.Duration `koanf:"dial_timeout"`
	MaxConns     int           `koanf:"max_conns"`
}

// DefaultConfig names no server and no user: both must be said.
func DefaultConfig() Config {
	return Config{Database: "published", DialTimeout: 5 * time.Second, MaxConns: 8}
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var errs []error
	if c.Addr == "" {
		errs = append(errs, errors.New("addr is missing"))
	}
	if c.User == "" {
		errs = append(errs, errors.New("user is missing"))
	}
	if c.Database == "" {
		errs = append(errs, errors.New("database is missing"))
	}
	if c.DialTimeout <= 0 {
		errs = append(errs, errors.New("dial_timeout must be positive"))
	}
	if c.MaxConns < 1 {
		errs = append(errs, errors.New("max_conns must be at least 1"))
	}
	if c.PasswordFile != "" {
		if _, err := os.Stat(c.PasswordFile); err != nil {
			errs = append(errs, fmt.Errorf("password_file: %w", err))
		}
	}
	return errors.Join(errs...)
}

// String hides the password.
func (c Config) String() string {
	return fmt.Sprintf("clickhouse %s@%s/%s", c.User, c.Addr, c.Database)
}

// GoString hides the password from %#v too.
func (c Config) GoString() string { return c.String() }

func (c Config) password() (string, error) {
	if c.PasswordFile == "" {
		return c.Password, nil
	}
	b, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("reading the password file: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
