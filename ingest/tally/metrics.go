package tally

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	statementsDesc = prometheus.NewDesc("brume_ingest_statements_total", "Statements by outcome.", []string{"publisher", "sandbox", "outcome"}, nil)
	codesDesc      = prometheus.NewDesc("brume_ingest_refused_total", "Statements refused or postponed, by code.", []string{"publisher", "sandbox", "code"}, nil)
	droppedDesc    = prometheus.NewDesc("brume_ingest_dropped_total", "Statements accepted and not sent on, by reason.", []string{"publisher", "sandbox", "reason"}, nil)
	unmappedDesc   = prometheus.NewDesc("brume_ingest_unmapped_total", "Events without a known value, by field.", []string{"publisher", "sandbox", "field"}, nil)
	requestsDesc   = prometheus.NewDesc("brume_ingest_requests_total", "Requests by status.", []string{"status"}, nil)
)

// Describe implements prometheus.Collector.
func (c *Counter) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{statementsDesc, codesDesc, droppedDesc, unmappedDesc, requestsDesc} {
		out <- d
	}
	c.seconds.Describe(out)
}

// Collect implements prometheus.Collector.
func (c *Counter) Collect(out chan<- prometheus.Metric) {
	c.seconds.Collect(out)
	c.mu.Lock()
	defer c.mu.Unlock()
	send := func(d *prometheus.Desc, n int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	for status, n := range c.requests {
		send(requestsDesc, n, strconv.Itoa(status))
	}
	for p, t := range c.parties {
		name, sandbox := p.publisher, strconv.FormatBool(p.sandbox)
		send(statementsDesc, t.accepted, name, sandbox, "accepted")
		send(statementsDesc, t.refused, name, sandbox, "refused")
		send(statementsDesc, t.postponed, name, sandbox, "postponed")
		for code, n := range t.byCode {
			send(codesDesc, n, name, sandbox, code)
		}
		for reason, n := range t.dropped {
			send(droppedDesc, n, name, sandbox, reason)
		}
		for field, n := range t.others() {
			send(unmappedDesc, n, name, sandbox, field)
		}
	}
}
