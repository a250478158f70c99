package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
)

// BrokerConfig says where the embedded broker keeps its log and listens.
type BrokerConfig struct {
	Dir        string // created if needed
	Addr       string // 127.0.0.1:port; port 0 takes a free one
	SyncWrites bool   // fsync every batch before acknowledging it
}

// DefaultBrokerConfig keeps what it acknowledges, on a free port.
func DefaultBrokerConfig(dir string) BrokerConfig {
	return BrokerConfig{Dir: dir, Addr: "127.0.0.1:0", SyncWrites: true}
}

// Validate reports every fault at once.
func (c BrokerConfig) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("broker directory is missing"))
	}
	if _, err := c.port(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (c BrokerConfig) port() (int, error) {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return 0, fmt.Errorf("broker address: %w", err)
	}
	if host != "127.0.0.1" && host != "localhost" {
		return 0, fmt.Errorf("broker address %q: the embedded broker listens on 127.0.0.1 only", c.Addr)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 0 || n > 65535 {
		return 0, fmt.Errorf("broker address %q: no such port", c.Addr)
	}
	return n, nil
}

// Broker is a durable, single-node broker in this process. With SyncWrites, a
// record that it acknowledged MUST survive the death of the process and of
// the machine's power.
type Broker struct {
	cluster *kfake.Cluster
	addr    string
	lock    *os.File
	closing func() error
}

// StartBroker opens the log in Dir and listens. Two brokers never share a
// directory: the second start fails.
func StartBroker(cfg BrokerConfig, log *slog.Logger) (*Broker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	port, err := cfg.port()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the broker directory: %w", err)
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.Ports(port),
		kfake.ClusterID("brume-embedded"),
		kfake.DataDir(cfg.Dir),
		kfake.WithLogger(brokerLog{log}),
		kfake.BrokerConfigs(map[string]string{"log.retention.ms": "-1", "log.retention.bytes": "-1"}),
	}
	if cfg.SyncWrites {
		opts = append(opts, kfake.SyncWrites())
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded broker in %s: %w", cfg.Dir, err), lock.Close())
	}
	b := &Broker{cluster: cluster, addr: cluster.ListenAddrs()[0], lock: lock}
	b.closing = sync.OnceValue(b.close)
	return b, nil
}

// Addr is host:port of the Kafka protocol.
func (b *Broker) Addr() string { return b.addr }

// Cluster gives tests the broker's fault injection.
func (b *Broker) Cluster() *kfake.Cluster { return b.cluster }

// Close writes what is left to write and stops listening. Closing again does
// nothing.
func (b *Broker) Close() error { return b.closing() }

func (b *Broker) close() error {
	b.cluster.Close()
	return b.lock.Close()
}

// brokerLog passes the broker's lines to slog, a level lower than it gives
// them: they are of interest when something is wrong.
type brokerLog struct{ log *slog.Logger }

func (l brokerLog) Logf(level kfake.LogLevel, msg string, args ...any) {
	line := strings.TrimSpace(fmt.Sprintf(msg, args...))
	switch level {
	case kfake.LogLevelError:
		l.log.Error("embedded broker", "line", line)
	case kfake.LogLevelWarn:
		l.log.Warn("embedded broker", "line", line)
	default:
		l.log.Debug("embedded broker", "line", line)
	}
}
