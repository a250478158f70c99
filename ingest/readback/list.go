package readback

import (
	"math"
	"time"
)

// What one list may cost. A list that reaches a bound ends early and says how
// to go on.
const (
	maxStatements = 500
	maxAnswer     = 1 << 20  // bytes of statements in an answer
	maxContents   = 4 << 20  // bytes of attachments in an answer, its first statement's apart
	maxParsed     = 2 << 20  // bytes of statements parsed
	maxScanned    = 16 << 20 // bytes of statements looked at
	maxVisited    = 1 << 18  // statements passed
	maxReferences = 8        // followed from one statement
	atOnce        = 1 << 18  // bytes looked at while others wait for the lock
)

// page is a part of a list.
type page struct {
	statements []Statement
	next       uint64 // where the rest begins, 0 when this is all
}

// list gives the statements that match from the given place on, 0 for all.
func (w *Window) list(owner Owner, q *Query, from uint64) (p page, err error) {
	if q.Agent != nil && q.RelatedAgents && owner.is(q.Agent) {
		every := *q
		every.Agent, q = nil, &every // it is the authority of all
	}
	c := &cursor{w: w, owner: owner, q: q, sieve: q.sieve(), after: math.MinInt64, until: math.MaxInt64, at: from}
	if !q.Since.IsZero() {
		c.after = nanos(q.Since)
	}
	if !q.Until.IsZero() {
		c.until = nanos(q.Until)
	}
	if from == 0 {
		c.begin()
	}
	limit, size, contents := maxStatements, 0, 0
	if q.Limit > 0 {
		limit = min(limit, q.Limit)
	}
	for {
		st, ok := c.next()
		if !ok {
			p.next = c.at // 0 at the end, else a bound is reached
			return p, nil
		}
		matches, err := c.matches(&st)
		if err != nil {
			return p, err
		}
		if !matches {
			continue
		}
		size, contents = size+len(st.Raw), contents+c.attached(&st)
		if n := len(p.statements); n == limit || n > 0 && (size > maxAnswer || contents > maxContents) {
			p.next = st.place
			return p, nil
		}
		p.statements = append(p.statements, st)
	}
}

// nanos is t in Unix nanoseconds, as near as they reach.
func nanos(t time.Time) int64 {
	switch {
	case t.Year() < 1700:
		return math.MinInt64
	case t.Year() > 2250:
		return math.MaxInt64
	}
	return t.UnixNano()
}
