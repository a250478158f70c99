package anonymize

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	statements = prometheus.NewDesc("brume_anonymize_statements",
		"Statements that this instance's partitions have read, by what became of them.",
		[]string{"partition", "outcome", "reason"}, nil)
	position = prometheus.NewDesc("brume_anonymize_next_offset",
		"Offset of the first record not yet folded.", []string{"partition"}, nil)
	pupilsHeld = prometheus.NewDesc("brume_anonymize_pupils",
		"Pupils held in memory over all partitions, for sizing.", nil, nil)
	oldest = prometheus.NewDesc("brume_anonymize_oldest_unfolded_seconds",
		"Age of the first record not yet folded, 0 when all are.", []string{"partition"}, nil)
	stopped = prometheus.NewDesc("brume_anonymize_partition_stopped",
		"1 when the partition lost records of its log and waits for an operator.", []string{"partition"}, nil)
)

// Describe implements prometheus.Collector.
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{statements, position, pupilsHeld, oldest, stopped} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. The counts survive restarts: they
// are part of the partitions' state.
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	pupils := 0
	for number, st := range s.Status() {
		p := strconv.Itoa(number)
		gauge(statements, float64(st.Counts.Folded), p, "folded", "")
		gauge(statements, float64(st.Counts.Duplicates), p, "duplicate", "")
		gauge(statements, float64(st.Counts.Late), p, "folded_late", "")
		for reason, n := range st.Counts.Dropped {
			gauge(statements, float64(n), p, "dropped", reason)
		}
		gauge(position, float64(st.Next), p)
		age := 0.0
		if !st.Oldest.IsZero() {
			age = max(0, s.Now().Sub(st.Oldest).Seconds())
		}
		gauge(oldest, age, p)
		halted := 0.0
		if st.Stopped != nil {
			halted = 1
		}
		gauge(stopped, halted, p)
		pupils += st.Pupils
	}
	gauge(pupilsHeld, float64(pupils))
}
