package publishers

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// stale is from when on a registry that is not followed admits nobody: a key that
// is revoked meanwhile would go on. It is under the minute that a revocation may
// take everywhere, and above what brokers take to elect a leader anew.
const stale = 45 * time.Second

// ErrStale is the answer of Authenticate while it is not known whether keys were
// revoked.
var ErrStale = errors.New("the registry of publishers was not followed for too long")

// sight is when the end of the topic was seen last.
type sight struct{ at atomic.Pointer[time.Time] }

func (s *sight) seen(now time.Time) { s.at.Store(&now) }

func (s *sight) age(now time.Time) time.Duration { return now.Sub(*s.at.Load()) }

// Ready says whether the registry is read, and known to be what it is.
func (s *Store) Ready() error {
	_, err := s.current()
	return err
}

// current is what the registry says now.
func (s *Store) current() (*live, error) {
	l := s.live.Load()
	if l == nil {
		return nil, ErrNotReady
	}
	if s.sight.age(s.deps.Now()) > stale {
		return nil, ErrStale
	}
	return l, nil
}

// Collectors are the store's metrics, for the caller to register.
func (s *Store) Collectors() []prometheus.Collector {
	return []prometheus.Collector{prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "brume", Subsystem: "ingest", Name: "publishers_age_seconds",
		Help: "Time since all of the registry of publishers was known to be read, or since the start.",
	}, func() float64 { return s.sight.age(s.deps.Now()).Seconds() })}
}
