package kafka

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// stats are the client's counters; see Collectors.
type stats struct {
	records, batches, retries, busy, failed, read atomic.Int64
}

// Collectors are the client's counters, for the caller to register.
func (c *Client) Collectors() []prometheus.Collector {
	counter := func(name, help string, v *atomic.Int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{
			Namespace: "brume", Subsystem: "kafka", Name: name, Help: help,
		}, func() float64 { return float64(v.Load()) })
	}
	return []prometheus.Collector{
		counter("produced_records_total", "Records acknowledged by the brokers.", &c.stats.records),
		counter("produced_batches_total", "Produce requests acknowledged by the brokers.", &c.stats.batches),
		counter("produce_retries_total", "Produce requests sent again.", &c.stats.retries),
		counter("produce_busy_total", "Calls refused because too much was waiting.", &c.stats.busy),
		counter("produce_failed_records_total", "Records given up; they may be in the log.", &c.stats.failed),
		counter("read_records_total", "Records read.", &c.stats.read),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "brume", Subsystem: "kafka", Name: "in_flight_bytes", Help: "Bytes waiting to be produced.",
		}, func() float64 { return float64(c.inFlight.Load()) }),
	}
}
