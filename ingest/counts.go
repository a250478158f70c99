package ingest

import (
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"brume/ingest/publishers"
	"brume/schemas/event"
	"brume/schemas/mapping"
	"brume/schemas/quality"
	"brume/schemas/xapi"
)

// Counts is what happened to statements since the start, over all publishers,
// sandbox keys left out.
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
	otherSchool, otherLevel, otherSubject, verbs int64                     // unmapped
	last                                         time.Time                 // when a statement was accepted
	samples                                      map[string]quality.Sample // by code, not yet reported
}

// party is whose statements are counted together.
type party struct {
	publisher string
	sandbox   bool
}

func partyOf(p publishers.Publisher) party { return party{p.Name, p.Sandbox} }

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
	mu       sync.Mutex
	parties  map[party]*tally
	requests map[int]int64 // by status
	trouble  trouble
	now      func() time.Time
	seconds  prometheus.Histogram
}

func newCounts(now func() time.Time) *counts {
	return &counts{parties: map[party]*tally{}, requests: map[int]int64{}, now: now, seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "brume_ingest_request_seconds", Help: "Time from header to answer.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 15},
	})}
}

// of returns a publisher's tally; the lock MUST be held.
func (c *counts) of(p publishers.Publisher) *tally {
	t := c.parties[partyOf(p)]
	if t == nil {
		t = &tally{byCode: map[string]int64{}, dropped: map[string]int64{}, samples: map[string]quality.Sample{}}
		c.parties[partyOf(p)] = t
	}
	return t
}

func (c *counts) request(status int, took time.Duration) {
	c.seconds.Observe(took.Seconds())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[status]++
}

func (c *counts) took(p publishers.Publisher, r *tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(p)
	t.accepted += r.accepted
	if r.last.After(t.last) {
		t.last = r.last
	}
	t.otherSchool += r.otherSchool
	t.otherLevel += r.otherLevel
	t.otherSubject += r.otherSubject
	t.verbs += r.verbs
	for reason, n := range r.dropped {
		t.dropped[reason] += n
	}
}

func (c *counts) refused(p publishers.Publisher, code string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(p)
	t.refused += n
	t.byCode[code] += n
}

func (c *counts) postponed(p publishers.Publisher, code string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(p)
	t.postponed += n
	t.byCode[code] += n
}

// faults counts each faulty statement once, by its first fault, and keeps one
// of each code as a sample. A fault without a place in the batch counts as one
// statement.
func (c *counts) faults(p publishers.Publisher, faults xapi.Faults, body []byte, now time.Time) {
	seen := map[string]bool{}
	for _, f := range faults {
		place := ""
		if first, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/"); isNumber(first) {
			place = first
		}
		if !seen[place] {
			seen[place] = true
			c.refused(p, string(f.Code), 1)
			c.sample(p, f, body, now)
		}
	}
}

// sample keeps a refused statement's skeleton when none of its code waits to
// be reported. So a flood of bad statements costs nothing more here.
func (c *counts) sample(p publishers.Publisher, f xapi.Fault, body []byte, now time.Time) {
	c.mu.Lock()
	_, waits := c.of(p).samples[string(f.Code)]
	c.mu.Unlock()
	if waits {
		return
	}
	s := quality.Sample{Pointer: f.Pointer, Rule: f.Rule, Message: f.Message, French: f.MessageFR, Skeleton: xapi.Skeleton(body, f.Pointer), At: now.UTC()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(p).samples[string(f.Code)] = s
}

// Counts adds up all publishers.
func (s *Server) Counts() Counts {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	sum := Counts{Dropped: map[string]int64{}}
	for p, t := range s.counts.parties {
		if p.sandbox {
			continue
		}
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
	c.byCode, c.dropped, c.samples = maps.Clone(t.byCode), maps.Clone(t.dropped), maps.Clone(t.samples)
	return c
}

// others lists the unmapped counts by field.
func (t *tally) others() map[string]int64 {
	return map[string]int64{quality.School: t.otherSchool, quality.Level: t.otherLevel, quality.Subject: t.otherSubject, quality.Verb: t.verbs}
}

var (
	statementsDesc = prometheus.NewDesc("brume_ingest_statements_total", "Statements by outcome.", []string{"publisher", "sandbox", "outcome"}, nil)
	codesDesc      = prometheus.NewDesc("brume_ingest_refused_total", "Statements refused or postponed, by code.", []string{"publisher", "sandbox", "code"}, nil)
	droppedDesc    = prometheus.NewDesc("brume_ingest_dropped_total", "Statements accepted and not sent on, by reason.", []string{"publisher", "sandbox", "reason"}, nil)
	unmappedDesc   = prometheus.NewDesc("brume_ingest_unmapped_total", "Events without a known value, by field.", []string{"publisher", "sandbox", "field"}, nil)
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
