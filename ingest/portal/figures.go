package portal

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"brume/schemas/quality"
)

// Figures is what a publisher sees of itself; quality.json is this.
type Figures struct {
	Publisher  string    `json:"publisher"`
	At         time.Time `json:"at"`
	Complete   bool      `json:"complete"`    // false while the figures are still being read, and too low
	LagSeconds *int64    `json:"lag_seconds"` // age of the oldest statement of all publishers that is not folded yet, at most; null: not known
	Production Section   `json:"production"`
	Sandbox    Section   `json:"sandbox"`
}

// Section is the same for one kind of key.
type Section struct {
	LastStatement time.Time `json:"last_statement,omitzero"`
	LastDay       Sums      `json:"last_24_hours"`
	Fortnight     Sums      `json:"last_14_days"`
	Year          Sums      `json:"last_13_months"`
	Days          []Day     `json:"days"` // the last 14, the oldest first
}

// Sums counts statements. Received = accepted + refused; postponed ones got
// 429 or 5xx and are in neither.
type Sums struct {
	Received   int64            `json:"received"`
	Accepted   int64            `json:"accepted"`
	Refused    int64            `json:"refused"`
	Postponed  int64            `json:"postponed"`
	Folded     int64            `json:"folded"`     // counted in the figures
	Duplicates int64            `json:"duplicates"` // said before
	Late       int64            `json:"late"`       // of the folded
	NotFolded  int64            `json:"not_folded"`
	Unmapped   map[string]int64 `json:"unmapped"`
	Reasons    []Reason         `json:"reasons"` // of refused, postponed and not folded
}

// Reason says why statements were refused, postponed or not folded.
type Reason struct {
	Outcome     string          `json:"outcome"` // refused, postponed, not_folded
	Code        string          `json:"code"`
	Count       int64           `json:"count"`
	Explanation string          `json:"explanation"`
	Sample      *quality.Sample `json:"sample,omitzero"` // the last refused statement, without its values
}

// The outcomes of a Reason.
const (
	outcomeRefused   = "refused"
	outcomePostponed = "postponed"
	outcomeNotFolded = "not_folded"
)

// Day is one bar of the trend.
type Day struct {
	Day      string `json:"day"` // 2026-09-14
	Accepted int64  `json:"accepted"`
	Refused  int64  `json:"refused"`
	start    time.Time
}

const fortnight = 14

// describe explains a code, and says whether the same request may succeed later.
type describe func(code string) (text string, postpones bool)

// Section reads the figures of one kind of key. The number is that of the
// publisher, 0 for the sandbox: none of its statements are folded.
func (h *History) Section(publisher string, sandbox bool, number uint16, about describe) Section {
	h.mu.Lock()
	defer h.mu.Unlock()
	in, fate := h.series[intakeName(publisher, sandbox)], h.series[fateName(number)]
	if in == nil {
		in = &series{}
	}
	if fate == nil || sandbox {
		fate = &series{}
	}
	now := h.now()
	first := h.day(now).AddDate(0, 0, 1-fortnight)
	sums := func(b func(*series) buckets, from time.Time) Sums {
		c, f := b(in).since(from), b(fate).since(from)
		c.add(&f)
		return c.sums(in.samples, about)
	}
	hours, days := func(s *series) buckets { return s.hours }, func(s *series) buckets { return s.days }
	return Section{
		LastStatement: in.last,
		LastDay:       sums(hours, now.Add(-24*time.Hour).Truncate(time.Hour)),
		Fortnight:     sums(days, first),
		Year:          sums(days, time.Time{}),
		Days:          in.trend(first),
	}
}

func (s *series) trend(first time.Time) []Day {
	out := make([]Day, fortnight)
	for i := range out {
		start := first.AddDate(0, 0, i)
		out[i] = Day{Day: start.Format(time.DateOnly), start: start}
		for _, b := range s.days {
			if b.start.Equal(start) {
				out[i].Accepted, out[i].Refused = b.Accepted, b.Refused
			}
		}
	}
	return out
}

func (c *counters) sums(samples map[string]quality.Sample, about describe) Sums {
	s := Sums{
		Received: c.Accepted + c.Refused, Accepted: c.Accepted, Refused: c.Refused, Postponed: c.Postponed,
		Folded: c.Fate.Folded, Duplicates: c.Fate.Duplicates, Late: c.Fate.Late, Unmapped: map[string]int64{}, Reasons: []Reason{},
	}
	for _, field := range quality.Fields {
		s.Unmapped[field] = c.Unmapped[field]
	}
	for code, n := range c.ByCode {
		text, postpones := about(code)
		r := Reason{Outcome: outcomeRefused, Code: code, Count: n, Explanation: text}
		if postpones {
			r.Outcome = outcomePostponed
		}
		if sample, ok := samples[code]; ok {
			r.Sample = &sample
		}
		s.Reasons = append(s.Reasons, r)
	}
	missed := maps.Clone(c.Dropped)
	merge(&missed, c.Fate.Dropped)
	for reason, n := range missed {
		s.NotFolded += n
		text, _ := about("drop." + reason)
		s.Reasons = append(s.Reasons, Reason{Outcome: outcomeNotFolded, Code: reason, Count: n, Explanation: text})
	}
	slices.SortFunc(s.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	return s
}
