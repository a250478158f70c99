package httpserver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// Config bounds what one connection may cost.
type Config struct {
	Listen        string        `koanf:"listen"`         // host:port; port 0 picks a free one
	CertFile      string        `koanf:"cert_file"`      // certificate chain; with it the server speaks TLS only
	KeyFile       string        `koanf:"key_file"`       // its private key
	ClientCAFile  string        `koanf:"client_ca_file"` // authorities of the certificates that clients may show; empty: none is asked for
	HeaderTimeout time.Duration `koanf:"header_timeout"` // to send the header
	ReadTimeout   time.Duration `koanf:"read_timeout"`   // to send header and body
	WriteTimeout  time.Duration `koanf:"write_timeout"`  // from the end of the header to the end of the answer
	IdleTimeout   time.Duration `koanf:"idle_timeout"`   // between requests
	HeaderBytes   int           `koanf:"header_bytes"`
	Drain         time.Duration `koanf:"drain"` // for requests in flight at the end
}

// DefaultConfig suits ingestion: bodies up to 8 MiB, answers after the broker.
func DefaultConfig() Config {
	return Config{
		Listen:        "127.0.0.1:8080",
		HeaderTimeout: 5 * time.Second,
		ReadTimeout:   30 * time.Second,
		WriteTimeout:  60 * time.Second,
		IdleTimeout:   2 * time.Minute,
		HeaderBytes:   16 << 10,
		Drain:         20 * time.Second,
	}
}

// Scheme is that of the server's addresses: http or https.
func (c Config) Scheme() string {
	if c.CertFile != "" {
		return "https"
	}
	return "http"
}

// tls reads the certificates; without one of its own the server speaks none and
// tls returns nil.
func (c Config) tls() (*tls.Config, error) {
	if c.CertFile == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("cert_file, key_file: %w", err)
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	return t, c.clients(t)
}

// clients lets clients show a certificate. One that no authority of the file
// vouches for, or that is not valid now, ends the connection; handlers find
// the others in Request.TLS.VerifiedChains.
func (c Config) clients(t *tls.Config) error {
	if c.ClientCAFile == "" {
		return nil
	}
	text, err := os.ReadFile(c.ClientCAFile)
	if err != nil {
		return fmt.Errorf("client_ca_file: %w", err)
	}
	t.ClientCAs, t.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
	if !t.ClientCAs.AppendCertsFromPEM(text) {
		return errors.New("client_ca_file: it holds no certificate")
	}
	return nil
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var errs []error
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		errs = append(errs, fmt.Errorf("listen: %w", err))
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		errs = append(errs, errors.New("cert_file and key_file go together"))
	} else if c.ClientCAFile != "" && c.CertFile == "" {
		errs = append(errs, errors.New("client_ca_file goes with cert_file"))
	} else if _, err := c.tls(); err != nil {
		errs = append(errs, err)
	}
	for name, d := range map[string]time.Duration{
		"header_timeout": c.HeaderTimeout, "read_timeout": c.ReadTimeout, "write_timeout": c.WriteTimeout,
		"idle_timeout": c.IdleTimeout, "drain": c.Drain,
	} {
		if d <= 0 {
			errs = append(errs, fmt.Errorf("%s: want more than 0", name))
		}
	}
	if c.HeaderBytes < 1<<10 {
		errs = append(errs, errors.New("header_bytes: want at least 1024"))
	}
	return errors.Join(errs...)
}
