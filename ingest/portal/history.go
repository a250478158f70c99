package portal

import (
	"strconv"
	"sync"
	"time"

	"brume/schemas/quality"
)

const (
	keepHours = 48 * time.Hour
	keepDays  = 395 * 24 * time.Hour // 13 months, as long as the topic
	maxName   = 64                   // bytes of a publisher's name; see publishers.Record
)

// History adds up the records of the topic quality, by hour and by day, in
// bounded memory. It is safe for concurrent use.
type History struct {
	zone *time.Location // of the days
	most int            // buckets over all series
	now  func() time.Time

	mu      sync.Mutex
	series  map[string]*series
	held    int              // buckets
	folding map[int]*counted // by partition of the topic statements
}

// counted is the last that anonymize said about a partition.
type counted struct {
	next       int64
	publishers map[uint16]*quality.Fate
}

// NewHistory is empty. Days begin at midnight in the zone; when more than most
// buckets would be held, the oldest are forgotten.
func NewHistory(zone *time.Location, most int, now func() time.Time) *History {
	h := &History{zone: zone, most: most, now: now}
	h.reset()
	return h
}

func (h *History) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.series, h.folding, h.held = map[string]*series{}, map[int]*counted{}, 0
}

// intakeName names a series; a publisher's name holds neither slash nor hash.
func intakeName(publisher string, sandbox bool) string {
	if sandbox {
		return publisher + "/sandbox"
	}
	return publisher
}

func fateName(number uint16) string { return "#" + strconv.Itoa(int(number)) }

// Intake counts a record of ingest. Records of another time are left out.
func (h *History) Intake(q *quality.Intake) {
	if q.Publisher == "" || len(q.Publisher) > maxName || !h.remembered(q.Until) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.of(intakeName(q.Publisher, q.Sandbox))
	if q.Last.After(s.last) {
		s.last = q.Last
	}
	if q.Last.IsZero() && q.Accepted > 0 && q.Until.After(s.last) {
		s.last = q.Until // of before records said it
	}
	s.sampled(q.Samples)
	h.add(s, q.Until, &counters{Accepted: q.Accepted, Refused: q.Refused, Postponed: q.Postponed,
		ByCode: q.ByCode, Dropped: q.Dropped, Unmapped: q.Unmapped})
}

// Folding counts what a record of anonymize says more than the last one of its
// partition. A first record whose predecessors the topic has lost (whole is
// false) says nothing about when it happened: it is only a start.
func (h *History) Folding(q *quality.Folding, whole bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last, known := h.folding[q.Partition]
	if known && q.Next <= last.next {
		return // a partition that was restored says again what it said before
	}
	h.folding[q.Partition] = &counted{q.Next, q.Publishers}
	if !known && !whole || !h.remembered(q.Until) {
		return
	}
	for number, fate := range q.Publishers {
		if fate == nil {
			continue
		}
		more := *fate.Clone()
		if known {
			more = beyond(fate, last.publishers[number])
		}
		if more.Folded != 0 || more.Duplicates != 0 || len(more.Dropped) != 0 {
			h.add(h.of(fateName(number)), q.Until, &counters{Fate: more})
		}
	}
}

// beyond takes an earlier count away.
func beyond(now, before *quality.Fate) quality.Fate {
	if before == nil {
		return *now.Clone()
	}
	more := quality.Fate{Folded: max(0, now.Folded-before.Folded), Duplicates: max(0, now.Duplicates-before.Duplicates), Late: max(0, now.Late-before.Late)}
	for reason, n := range now.Dropped {
		if n > before.Dropped[reason] {
			more.Drop(reason, n-before.Dropped[reason])
		}
	}
	return more
}

func (h *History) remembered(at time.Time) bool {
	now := h.now()
	return at.After(now.Add(-keepDays)) && at.Before(now.Add(24*time.Hour))
}

func (h *History) of(name string) *series {
	s := h.series[name]
	if s == nil {
		s = &series{}
		h.series[name] = s
	}
	return s
}

// add counts in the hour and the day, and forgets what is too old or too much.
func (h *History) add(s *series, at time.Time, c *counters) {
	now := h.now()
	if at.After(now.Add(-keepHours)) && s.hours.add(at.Truncate(time.Hour), c) {
		h.held += 1 - s.hours.forget(now.Add(-keepHours))
	}
	if s.days.add(h.day(at), c) {
		h.held += 1 - s.days.forget(now.Add(-keepDays))
	}
	for h.held > h.most {
		h.forgetOldest()
	}
}

// day is the midnight before an instant.
func (h *History) day(at time.Time) time.Time {
	y, m, d := at.In(h.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, h.zone)
}

// forgetOldest drops the oldest day of all, and the hours of its series.
func (h *History) forgetOldest() {
	var oldest string
	for name, s := range h.series {
		if len(s.days) > 0 && (oldest == "" || s.days[0].start.Before(h.series[oldest].days[0].start)) {
			oldest = name
		}
	}
	s := h.series[oldest]
	h.held -= s.days.forget(s.days[0].start.Add(1)) + len(s.hours)
	s.hours = nil
	if len(s.days) == 0 {
		delete(h.series, oldest)
	}
}
