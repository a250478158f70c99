package testenv

import (
	"net"
	"os"
	"strings"
	"testing"

	"brume/internal/embedded"
	"brume/internal/kafka"
)

// Broker starts an embedded broker in a directory of the test's own and stops
// it with the test. Tests of the broker itself use it; others use Kafka.
func Broker(t testing.TB) *embedded.Broker {
	t.Helper()
	cfg := embedded.DefaultBrokerConfig(t.TempDir())
	cfg.SyncWrites = false // a test's machine does not lose power
	b, err := embedded.StartBroker(cfg, Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// Kafka is how to reach an embedded broker of the test's own.
func Kafka(t testing.TB) kafka.Config {
	t.Helper()
	return config(t, Broker(t).Addr())
}

// EachBroker runs fn on the embedded broker and, when BRUME_TEST_KAFKA names
// one, on a real Kafka.
func EachBroker(t *testing.T, fn func(t *testing.T, cfg kafka.Config)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { fn(t, Kafka(t)) })
	t.Run("kafka", func(t *testing.T) { fn(t, RealKafka(t)) })
}

// RealKafka is how to reach the real Kafka, with topics of the test's own.
func RealKafka(t testing.TB) kafka.Config {
	t.Helper()
	addr := os.Getenv("BRUME_TEST_KAFKA")
	if addr == "" {
		Missing(t, "BRUME_TEST_KAFKA is not set: left out on real Kafka")
	}
	if _, _, err := net.SplitHostPort(strings.Split(addr, ",")[0]); err != nil {
		t.Fatalf("BRUME_TEST_KAFKA: %v", err)
	}
	return config(t, addr)
}

// config reaches the brokers with a prefix that no other test has.
func config(t testing.TB, addr string) kafka.Config {
	cfg := kafka.DefaultConfig()
	cfg.Brokers = strings.Split(addr, ",")
	cfg.Prefix = Prefix(t)
	cfg.Replication = min(3, len(cfg.Brokers))
	return cfg
}
