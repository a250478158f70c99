// Package vault reaches a key-encryption key in the transit engine of
// HashiCorp Vault or OpenBao. The key never leaves Vault: keysets are sent
// there to be wrapped and unwrapped.
package vault

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
)

// Config says where Vault is and which key of it wraps keysets. Secrets are
// paths of files; the token's is read for each request, so that an agent may
// exchange it at any time. Without an address there is no Vault.
type Config struct {
	Addr      string `koanf:"addr" yaml:"addr" json:"addr,omitempty"`                   // https://host:port
	Key       string `koanf:"key" yaml:"key" json:"key,omitempty"`                      // path in Vault: MOUNT/keys/NAME
	TokenFile string `koanf:"token_file" yaml:"token_file" json:"token_file,omitempty"` // mode 0600
	CAFile    string `koanf:"ca_file" yaml:"ca_file" json:"ca_file,omitempty"`          // of Vault's certificate; empty: the system's
}

var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/keys/[A-Za-z0-9._-]+$`)

// Validate reports every fault.
func (c Config) Validate() error {
	if c.Addr == "" {
		if c != (Config{}) {
			return errors.New("vault.addr is missing")
		}
		return nil
	}
	var faults []error
	faults = append(faults, c.validateAddr())
	if !keyForm.MatchString(c.Key) {
		faults = append(faults, errors.New("vault.key: want the path of a transit key, such as transit/keys/brume"))
	}
	if c.TokenFile == "" {
		faults = append(faults, errors.New("vault.token_file is missing"))
	}
	if c.CAFile != "" {
		if _, err := os.Stat(c.CAFile); err != nil {
			faults = append(faults, fmt.Errorf("vault.ca_file: %w", err))
		}
	}
	return errors.Join(faults...)
}

// validateAddr wants TLS, but on the loopback address.
func (c Config) validateAddr() error {
	u, err := url.Parse(c.Addr)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Path != "" && u.Path != "/"):
		return errors.New("vault.addr: want https://host:port")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && net.ParseIP(u.Hostname()).IsLoopback():
		return nil
	}
	return errors.New("vault.addr: keys travel by TLS only: want https, or http at a loopback address such as 127.0.0.1")
}
