package publishers

import (
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// ★ A registry that cannot be followed any more admits nobody in less than a
// minute, since keys may have been revoked meanwhile. A quiet one goes on.
func TestStaleRegistry(t *testing.T) {
	if stale >= time.Minute {
		t.Errorf("a revocation takes %s", stale)
	}
	b := testenv.Broker(t)
	cfg := kafka.DefaultConfig()
	cfg.Brokers = []string{b.Addr()}
	c := client(t, cfg)
	at := testenv.NewClock(time.Now())
	s := NewStore(Deps{Kafka: c, Registry: registry.Demonstration(1), Log: testenv.Log(t), Now: at.Now})
	run(t, s.Run)
	key, secret, err := NewAdmin(c, time.Now).Add(t.Context(), "calcul", "generic")
	if err != nil {
		t.Fatal(err)
	}
	ask := func() error {
		_, err := s.Authenticate(asking(key, secret))
		return err
	}
	eventually(t, "the key lives", func() bool { return ask() == nil })
	for range 3 {
		at.Pass(2 * stale)
		eventually(t, "a quiet registry goes on", func() bool { return ask() == nil && s.Ready() == nil })
	}
	if err := b.Cluster().DeleteTopic(topics.Publishers); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second) // for an answer that was on its way
	if err := ask(); err != nil {
		t.Errorf("at once: %v", err)
	}
	at.Pass(stale + time.Second)
	for range 10 {
		if err := ask(); !errors.Is(err, ErrStale) || !errors.Is(s.Ready(), ErrStale) {
			t.Fatalf("%v, ready: %v", err, s.Ready())
		}
		time.Sleep(100 * time.Millisecond)
	}
	var m dto.Metric
	if err := s.Collectors()[0].(prometheus.Metric).Write(&m); err != nil {
		t.Fatal(err)
	}
	if age := m.GetGauge().GetValue(); age < stale.Seconds() || age > 2*stale.Seconds() {
		t.Errorf("an age of %v s", age)
	}
}
