// Package datadir is the data directory of a one-process Brume: where its
// parts lie, what it was started with, and how commands find it running.
package datadir

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"brume/anonymize/keys/vault"
	"brume/cmd/internal/chain"
	"brume/internal/durable"
	"brume/internal/kafka"
	"brume/schemas/ledger"
)

// Default is the data directory when none is named.
const Default = ".data"

// Dir is a data directory.
type Dir string

// Paths of the parts.
func (d Dir) path(parts ...string) string {
	return filepath.Join(append([]string{string(d)}, parts...)...)
}
func (d Dir) Broker() string      { return d.path("broker") }
func (d Dir) ClickHouse() string  { return d.path("clickhouse") }
func (d Dir) Keys() string        { return d.path("keys") }
func (d Dir) ReleaseKeys() string { return d.path("release-keys") }
func (d Dir) Registry() string    { return d.path("registry") }

// Pin remembers the ledger's head for one reader.
func (d Dir) Pin(reader string) ledger.Memory {
	return chain.PinFile(d.path("state", "ledger-"+reader+".json"))
}

// Settings are what the directory was started with; commands work on it with
// the same.
type Settings struct {
	Partitions  int            `json:"partitions"`
	Policies    []string       `json:"policies"`
	Registry    string         `json:"registry"`    // directory; "" is the demonstration registry
	Departments int            `json:"departments"` // of the demonstration registry; 0: all
	Keys        string         `json:"keys"`
	Vault       vault.Config   `json:"vault,omitzero"`    // what wraps the keys; names files, holds no secret
	Brokers     []string       `json:"brokers"`           // empty: the embedded broker
	Security    kafka.Security `json:"security,omitzero"` // how brokers are reached; names files, holds no secret
	Prefix      string         `json:"prefix"`            // of topics
	Loader      Loader         `json:"loader,omitzero"`   // zero: the embedded ClickHouse
}

// Loader is how commands read back from a ClickHouse of the operator's. It
// names a file and holds no secret.
type Loader struct {
	Addr         string `json:"addr"`
	User         string `json:"user"`
	PasswordFile string `json:"password_file"`
	TLS          bool   `json:"tls"`
}

// Settings reads what the directory was started with.
func (d Dir) Settings() (s Settings, err error) {
	err = durable.ReadJSON(d.path("settings.json"), &s)
	return s, err
}

// Remember writes what the directory is started with.
func (d Dir) Remember(s Settings) error { return durable.WriteJSON(d.path("settings.json"), s) }

// Running says where a live process listens.
type Running struct {
	PID        int      `json:"pid"`
	Brokers    []string `json:"brokers"`
	ClickHouse string   `json:"clickhouse"`
	HTTP       string   `json:"http"`
	Metrics    string   `json:"metrics"`
}

// Announce makes the running process known to commands until the returned
// function is called.
func (d Dir) Announce(r Running) (withdraw func(), err error) {
	r.PID = os.Getpid()
	file := d.path("state", "running.json")
	if err := durable.WriteJSON(file, r); err != nil {
		return nil, err
	}
	return func() { os.Remove(file) }, nil
}

// Running returns the live process on this directory, if there is one: it is
// announced and its broker answers.
func (d Dir) Running() (Running, bool) {
	var r Running
	if err := durable.ReadJSON(d.path("state", "running.json"), &r); err != nil || len(r.Brokers) == 0 {
		return r, false
	}
	c, err := net.DialTimeout("tcp", r.Brokers[0], time.Second)
	if err != nil {
		return r, false
	}
	c.Close()
	return r, true
}

// current names the directory that was started last.
const current = Default + "/current"

// Current returns the data directory that commands use when none is named:
// $BRUME_DATA, else the one that was started last from this directory.
func Current() string {
	if dir := os.Getenv("BRUME_DATA"); dir != "" {
		return dir
	}
	if b, err := os.ReadFile(current); err == nil {
		return strings.TrimSpace(string(b))
	}
	return filepath.Join(Default, "serve")
}

// MakeCurrent makes a directory the one that commands use.
func (d Dir) MakeCurrent() error { return durable.WriteFile(current, []byte(string(d)+"\n"), 0o600) }
