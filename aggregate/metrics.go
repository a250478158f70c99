package aggregate

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	loads    *prometheus.CounterVec
	cells    prometheus.Counter
	duration prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	if reg == nil {
		reg = prometheus.NewRegistry()
	}
	m := &metrics{
		loads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "brume_aggregate_loads_total",
			Help: "Releases by result: loaded, present (already there), failed.",
		}, []string{"result"}),
		cells: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "brume_aggregate_cells_total",
			Help: "Released cells copied into ClickHouse.",
		}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "brume_aggregate_load_seconds",
			Help:    "Time to load one release.",
			Buckets: prometheus.ExponentialBuckets(0.01, 2, 14),
		}),
	}
	reg.MustRegister(m.loads, m.cells, m.duration)
	return m
}
