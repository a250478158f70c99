package ingest

import (
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"brume/schemas/event"
	"brume/schemas/mapping"
	"brume/schemas/xapi"
)

// Counts is what happened to statements since the start, over all publishers.
type Counts struct {
	Received  int64            // accepted and refused; what got 503 is not in it
	Accepted  int64            // acknowledged
	Refused   int64            // broke a rule; the others of its batch are not in it
	Postponed int64            // got 503
	Dropped   map[string]int64 // accepted and not sent on, by reason
}

// tally is the same for one publisher, or for one request.
type tally struct {
	accepted, refused, postponed                 int64
	byCode                                       map[string]int64 // refused and postponed
	dropped                                      map[string]int64
	otherSchool, otherLevel, otherSubject, verbs int64 // unmapped
}

func (t *tally) drop(reason mapping.Drop) {
	if t.dropped == nil {
		t.dropped = map[string]int64{}
	}
	t.dropped[string(reason)]++
}

// unmapped notes what the mapping did not find.
func (t *tally) unmapped(e *event.Event, verbKnown bool) {
	if e.School == 0 {
		t.otherSchool++
	}
	if e.Level == 0 {
		t.otherLevel++
	}
	if e.Subject == 0 {
		t.otherSubject++
	}
	if !verbKnown {
		t.verbs++
	}
}

// counts holds the tallies of all publishers and exposes them as metrics.
type counts struct {
	mu         sync.Mutex
	publishers map[string]*tally
	requests   map[int]int64 // by status
	seconds    prometheus.Histogram
}

func newCounts() *counts {
	return &counts{publishers: map[string]*tally{}, requests: map[int]int64{}, seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "brume_ingest_request_seconds", Help: "Time from header to answer.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 15},
	})}
}

// of returns a publisher's tally; the lock MUST be held.
func (c *counts) of(publisher string) *tally {
	t := c.publishers[publisher]
	if t == nil {
		t = &tally{byCode: map[string]int64{}, dropped: map[string]int64{}}
		c.publishers[publisher] = t
	}
	return t
}

func (c *counts) request(status int, took time.Duration) {
	c.seconds.Observe(took.Seconds())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[status]++
}

func (c *counts) took(publisher string, r *tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(publisher)
	t.accepted += r.accepted
	t.otherSchool += r.otherSchool
	t.otherLevel += r.otherLevel
	t.otherSubject += r.otherSubject
	t.verbs += r.verbs
	for reason, n := range r.dropped {
		t.dropped[reason] += n
	}
}

func (c *counts) refused(publisher, code string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(publisher)
	t.refused += n
	t.byCode[code] += n
}

func (c *counts) postponed(publisher, code string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(publisher)
	t.postponed += n
	t.byCode[code] += n
}

// faults counts each faulty statement once, by its first fault. A fault without
// a place in the batch counts as one statement.
func (c *counts) faults(publisher string, faults xapi.Faults) {
	seen := map[string]bool{}
	for _, f := range faults {
		place := ""
		if first, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/"); isNumber(first) {
			place = first
		}
		if !seen[place] {
			seen[place] = true
			c.refused(publisher, string(f.Code), 1)
		}
	}
}

// Counts adds up all publishers.
func (s *Server) Counts() Counts {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	sum := Counts{Dropped: map[string]int64{}}
	for _, t := range s.counts.publishers {
		sum.Accepted += t.accepted
		sum.Refused += t.refused
		sum.Postponed += t.postponed
		for reason, n := range t.dropped {
			sum.Dropped[reason] += n
		}
	}
	sum.Received = sum.Accepted + sum.Refused
	return sum
}

func (t *tally) clone() tally {
	c := *t
	c.byCode, c.dropped = maps.Clone(t.byCode), maps.Clone(t.dropped)
	return c
}

// others lists the unmapped counts by field.
func (t *tally) others() map[string]int64 {
	return map[string]int64{"school": t.otherSchool, "level": t.otherLevel, "subject": t.otherSubject, "verb": t.verbs}
}

var (
	statementsDesc = prometheus.NewDesc("brume_ingest_statements_total", "Statements by outcome.", []string{"publisher", "outcome"}, nil)
	codesDesc      = prometheus.NewDesc("brume_ingest_refused_total", "Statements refused or postponed, by code.", []string{"publisher", "code"}, nil)
	droppedDesc    = prometheus.NewDesc("brume_ingest_dropped_total", "Statements accepted and not sent on, by reason.", []string{"publisher", "reason"}, nil)
	unmappedDesc   = prometheus.NewDesc("brume_ingest_unmapped_total", "Events without a known value, by field.", []string{"publisher", "field"}, nil)
	requestsDesc   = prometheus.NewDesc("brume_ingest_requests_total", "Requests by status.", []string{"status"}, nil)
)

// Describe implements prometheus.Collector.
func (c *counts) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{statementsDesc, codesDesc, droppedDesc, unmappedDesc, requestsDesc} {
		out <- d
	}
	c.seconds.Describe(out)
}

// Collect implements prometheus.Collector.
func (c *counts) Collect(out chan<- prometheus.Metric) {
	c.seconds.Collect(out)
	c.mu.Lock()
	defer c.mu.Unlock()
	send := func(d *prometheus.Desc, n int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	for status, n := range c.requests {
		send(requestsDesc, n, strconv.Itoa(status))
	}
	for name, t := range c.publishers {
		send(statementsDesc, t.accepted, name, "accepted")
		send(statementsDesc, t.refused, name, "refused")
		send(statementsDesc, t.postponed, name, "postponed")
		for code, n := range t.byCode {
			send(codesDesc, n, name, code)
		}
		for reason, n := range t.dropped {
			send(droppedDesc, n, name, reason)
		}
		for field, n := range t.others() {
			send(unmappedDesc, n, name, field)
		}
	}
}
