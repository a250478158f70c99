package tally

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"brume/ingest/publishers"
	"brume/schemas/quality"
	"brume/schemas/xapi"
)

// party is whose statements are counted together.
type party struct {
	publisher string
	sandbox   bool
}

func partyOf(p publishers.Publisher) party { return party{p.Name, p.Sandbox} }

// Counter holds the tallies of all publishers, exposes them as metrics and
// reports them. It is safe for concurrent use, Report apart.
type Counter struct {
	mu       sync.Mutex
	parties  map[party]*Tally
	requests map[int]int64 // by status
	now      func() time.Time
	seconds  prometheus.Histogram
	reported map[party]Tally // what Report has sent
}

// New counts from zero.
func New(now func() time.Time) *Counter {
	return &Counter{parties: map[party]*Tally{}, requests: map[int]int64{}, reported: map[party]Tally{}, now: now, seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "brume_ingest_request_seconds", Help: "Time from header to answer.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 15},
	})}
}

// of returns a publisher's tally; the lock MUST be held.
func (c *Counter) of(p publishers.Publisher) *Tally {
	t := c.parties[partyOf(p)]
	if t == nil {
		t = &Tally{byCode: map[string]int64{}, dropped: map[string]int64{}, samples: map[string]quality.Sample{}}
		c.parties[partyOf(p)] = t
	}
	return t
}

// Request counts an answer.
func (c *Counter) Request(status int, took time.Duration) {
	c.seconds.Observe(took.Seconds())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[status]++
}

// Took adds statements that were acknowledged.
func (c *Counter) Took(p publishers.Publisher, r *Tally) {
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

// Refused counts statements that break a rule.
func (c *Counter) Refused(p publishers.Publisher, code string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(p)
	t.refused += n
	t.byCode[code] += n
}

// Postponed counts statements that may come again.
func (c *Counter) Postponed(p publishers.Publisher, code string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(p)
	t.postponed += n
	t.byCode[code] += n
}

// Faults counts each faulty statement once, by its first fault, and keeps one
// of each code as a sample. A fault without a place in the batch counts as one
// statement.
func (c *Counter) Faults(p publishers.Publisher, faults xapi.Faults, body []byte) {
	seen := map[string]bool{}
	for _, f := range faults {
		place := ""
		first, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		if _, err := strconv.ParseUint(first, 10, 32); err == nil {
			place = first
		}
		if !seen[place] {
			seen[place] = true
			c.Refused(p, string(f.Code), 1)
			c.sample(p, f, body)
		}
	}
}

// sample keeps a refused statement's skeleton when none of its code waits to
// be reported. So a flood of bad statements costs nothing more here.
func (c *Counter) sample(p publishers.Publisher, f xapi.Fault, body []byte) {
	c.mu.Lock()
	_, waits := c.of(p).samples[string(f.Code)]
	c.mu.Unlock()
	if waits {
		return
	}
	s := quality.Sample{Pointer: f.Pointer, Rule: f.Rule, Message: f.Message, French: f.MessageFR, Skeleton: xapi.Skeleton(body, f.Pointer), At: c.now().UTC()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(p).samples[string(f.Code)] = s
}

// Sum is what happened to statements since the start, over all publishers,
// sandbox keys left out.
type Sum struct {
	Received  int64            // accepted and refused; what got 503 is not in it
	Accepted  int64            // acknowledged
	Refused   int64            // broke a rule; the others of its batch are not in it
	Postponed int64            // got 503
	Dropped   map[string]int64 // accepted and not sent on, by reason
}

// Sum adds up all publishers.
func (c *Counter) Sum() Sum {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := Sum{Dropped: map[string]int64{}}
	for p, t := range c.parties {
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
