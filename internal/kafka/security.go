package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// The SASL mechanisms.
const (
	ScramSHA512 = "scram-sha-512"
	Plain       = "plain" // sends the password: with TLS only
)

// SASL says as whom to speak to the brokers. Without a mechanism nobody is
// named.
type SASL struct {
	Mechanism    string `koanf:"mechanism" json:"mechanism,omitempty"` // scram-sha-512 | plain
	User         string `koanf:"user" json:"user,omitempty"`
	PasswordFile string `koanf:"password_file" json:"password_file,omitempty"`
}

// Security says how the brokers are reached. Secrets are paths of files, which
// are read for each connection: what they hold can be exchanged at any time.
type Security struct {
	TLS      bool   `koanf:"tls" json:"tls,omitempty"`
	CAFile   string `koanf:"ca_file" json:"ca_file,omitempty"`     // of the brokers' certificates; empty: the system's
	CertFile string `koanf:"cert_file" json:"cert_file,omitempty"` // of this client, if brokers ask for one
	KeyFile  string `koanf:"key_file" json:"key_file,omitempty"`
	SASL     SASL   `koanf:"sasl" json:"sasl,omitzero"`
}

func (s Security) validate() error {
	var errs []error
	if !s.TLS && s.CAFile+s.CertFile+s.KeyFile != "" {
		errs = append(errs, errors.New("kafka.ca_file, cert_file and key_file need kafka.tls"))
	}
	if (s.CertFile == "") != (s.KeyFile == "") {
		errs = append(errs, errors.New("kafka.cert_file and kafka.key_file go together"))
	} else if _, err := s.tlsConfig(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(append(errs, s.SASL.validate(s.TLS))...)
}

func (s SASL) validate(tls bool) error {
	var errs []error
	switch s.Mechanism {
	case "":
		if s.User+s.PasswordFile != "" {
			errs = append(errs, errors.New("kafka.sasl.user and password_file need kafka.sasl.mechanism"))
		}
		return errors.Join(errs...)
	case Plain:
		if !tls {
			errs = append(errs, errors.New("kafka.sasl.mechanism: plain sends the password and needs kafka.tls"))
		}
	case ScramSHA512:
	default:
		errs = append(errs, fmt.Errorf("kafka.sasl.mechanism: want %s or %s", ScramSHA512, Plain))
	}
	if s.User == "" {
		errs = append(errs, errors.New("kafka.sasl.user is missing"))
	}
	if _, err := s.password(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// tlsConfig reads the certificates.
func (s Security) tlsConfig() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CAFile != "" {
		pem, err := os.ReadFile(s.CAFile)
		if err != nil {
			return nil, fmt.Errorf("kafka.ca_file: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("kafka.ca_file holds no certificate")
		}
	}
	if s.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(s.CertFile, s.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("kafka.cert_file, key_file: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

// dial connects to a broker, by TLS if it is configured.
func (s Security) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	if !s.TLS {
		return plain.DialContext(ctx, network, addr)
	}
	cfg, err := s.tlsConfig()
	if err != nil {
		return nil, err
	}
	return (&tls.Dialer{NetDialer: plain, Config: cfg}).DialContext(ctx, network, addr)
}

// mechanism is how connections authenticate, nil: not at all.
func (s SASL) mechanism() sasl.Mechanism {
	if s.Mechanism == "" {
		return nil
	}
	return credentials{s}
}

// credentials reads the password for each connection.
type credentials struct{ SASL }

// Name is the mechanism's name in the protocol.
func (c credentials) Name() string { return strings.ToUpper(c.Mechanism) }

// Start begins to authenticate a connection.
func (c credentials) Start(ctx context.Context) (sasl.StateMachine, []byte, error) {
	password, err := c.password()
	if err != nil {
		return nil, nil, err
	}
	if c.Mechanism == Plain {
		return plain.Mechanism{Username: c.User, Password: password}.Start(ctx)
	}
	m, err := scram.Mechanism(scram.SHA512, c.User, password)
	if err != nil {
		return nil, nil, errors.New("kafka.sasl: user or password cannot be used with SCRAM") // the cause may quote them
	}
	return m.Start(ctx)
}

func (s SASL) password() (string, error) {
	if s.PasswordFile == "" {
		return "", errors.New("kafka.sasl.password_file is missing")
	}
	b, err := os.ReadFile(s.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("kafka.sasl.password_file: %w", err)
	}
	password := strings.TrimRight(string(b), "\r\n")
	if password == "" {
		return "", errors.New("kafka.sasl.password_file is empty")
	}
	return password, nil
}
