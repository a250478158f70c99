package cohort

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"brume/anonymize/pseudonym"
	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/quality"
)

// FoldVersion names the rules of folding; it stands in CONFIG records, and a
// cohort folded under other rules is refused.
const FoldVersion = 3

// ErrConfig means that the log was configured for another policy, registry or
// version of folding than this process has.
var ErrConfig = errors.New("configuration differs from the log's")

// Counts says what became of every record of a partition. Each counts once,
// as folded, duplicate or dropped; late is a subset of folded.
//
// Publishers is the same for each publisher, by number, as the publisher may
// know it. It MUST NOT depend on the pupil: who sends one statement and sees
// that it was dropped would learn that its pupil has objected, or what other
// tools know of the pupil. Statements dropped for such a reason count there as
// those of any other pupil.
type Counts struct {
	Folded     int64                    `json:"folded"`
	Duplicates int64                    `json:"duplicates"`
	Late       int64                    `json:"late"`
	Dropped    map[string]int64         `json:"dropped"`
	Publishers map[uint16]*quality.Fate `json:"publishers,omitempty"`
}

// Add adds other counts.
func (c *Counts) Add(other Counts) {
	c.Folded += other.Folded
	c.Duplicates += other.Duplicates
	c.Late += other.Late
	if c.Dropped == nil {
		c.Dropped = map[string]int64{}
	}
	for reason, n := range other.Dropped {
		c.Dropped[reason] += n
	}
	for number, fate := range other.Publishers {
		c.of(number).Add(fate)
	}
}

// of returns the counts of a publisher.
func (c *Counts) of(publisher uint16) *quality.Fate {
	f := c.Publishers[publisher]
	if f == nil {
		if c.Publishers == nil {
			c.Publishers = map[uint16]*quality.Fate{}
		}
		f = &quality.Fate{}
		c.Publishers[publisher] = f
	}
	return f
}

// Env is the configured school years, by name, which the partitions of a
// process share: each under its last plan, see NewYears.
type Env map[string]*Year

// year returns the school year that holds an hour.
func (e Env) year(hour int32) (*Year, bool) {
	for _, y := range e {
		if y.Plan.Policy.Holds(hour) {
			return y, true
		}
	}
	return nil, false
}

// Partition is the whole state of one partition: what decides how the next
// record of its log is folded. It is not safe for concurrent use.
type Partition struct {
	env    Env
	next   int64 // offset of the first record not yet applied
	lost   int32 // hour up to which records were lost, 0: never
	counts Counts
	seen   *duplicates
	years  map[string]*Cohort // those that a CONFIG record has opened
}

// NewPartition returns the state before the first record.
func NewPartition(env Env) *Partition {
	return &Partition{
		env: env, seen: newDuplicates(), years: map[string]*Cohort{},
		counts: Counts{Dropped: map[string]int64{}},
	}
}

// Next returns the offset of the first record not yet applied.
func (p *Partition) Next() int64 { return p.next }

// Advance notes that every record before the offset is applied.
func (p *Partition) Advance(next int64) { p.next = next }

// Counts returns what became of the records so far.
func (p *Partition) Counts() Counts {
	c := Counts{}
	c.Add(p.counts)
	return c
}

// Fold applies one opened event; logged is its record's time in the log.
func (p *Partition) Fold(e *event.Event, logged time.Time) {
	v := p.fold(e, logged)
	publisher := p.counts.of(e.Publisher)
	switch {
	case v.repeat:
		p.counts.Duplicates++
		publisher.Duplicates++
		return
	case v.drop != "":
		p.counts.Dropped[v.drop]++
	default:
		p.counts.Folded++
		if v.late {
			p.counts.Late++
		}
	}
	switch {
	case v.told != "":
		publisher.Drop(v.told, 1)
	default:
		publisher.Folded++
		if v.late {
			publisher.Late++
		}
	}
}

// verdict is what is done with an event.
type verdict struct {
	repeat bool
	drop   string // why it is not folded
	told   string // the same as its publisher is told: nothing that depends on the pupil
	late   bool   // it counts, or would for another pupil, in a later window than its own
}

func dropped(reason string) verdict { return verdict{drop: reason, told: reason} }

func (p *Partition) fold(e *event.Event, logged time.Time) verdict {
	y, ok := p.env.year(e.Hour)
	if !ok || p.years[y.Name] == nil {
		return dropped(DropYear)
	}
	scope, ok := y.Plan.Policy.Identity.ScopeOf(e.Scope, e.Publisher)
	if !ok {
		return dropped(DropIdentity)
	}
	pupil := y.key.Of(scope, e.Actor.Reveal())
	if p.seen.seen(fingerprint(e, pupil), logged.Unix()/3600) {
		return verdict{repeat: true}
	}
	return p.years[y.Name].fold(pupil, e)
}

// fingerprint names a statement of a pupil. It depends on the pupil, so that
// two pupils' statements under one id both count: after acceptance nothing of
// one pupil may displace another's.
func fingerprint(e *event.Event, pupil pseudonym.Pseudonym) uint64 {
	return e.Fingerprint ^ binary.LittleEndian.Uint64(pupil[8:])
}

// Unread counts a record that could not be opened.
func (p *Partition) Unread() { p.counts.Dropped[DropUnread]++ }

// Control applies one authenticated control record and returns the windows
// that it closed, in order. Repeats do nothing.
func (p *Partition) Control(r control.Record) ([]Closed, error) {
	switch r.Kind {
	case control.Config:
		return nil, p.configure(r)
	case control.Heartbeat, control.Gap: // a GAP met on the way: what it is about is behind
		return nil, nil
	}
	c, ok := p.years[r.Year]
	if !ok {
		return nil, nil // a year that this log never opened
	}
	switch r.Kind {
	case control.Close:
		if cadence, ok := c.closes(r); ok {
			return c.close(cadence, r.Index)
		}
	case control.Object:
		c.object(r.Token)
	case control.Erase:
		c.erase(r.Token)
	default:
		return nil, fmt.Errorf("control record %v: not known to fold version %d", r.Kind, FoldVersion)
	}
	return nil, nil
}

// configure opens a year, or changes its plan in mid-year. A record that is not
// newer than the one in force changes nothing: it may be an old one, copied back
// into the log. Nor does one that names a plan which was replaced.
func (p *Partition) configure(r control.Record) error {
	if c := p.years[r.Year]; c != nil && r.Issued.UnixNano() <= c.since {
		return nil
	}
	y, ok := p.env[r.Year]
	if !ok {
		return fmt.Errorf("year %s is not configured here: %w", r.Year, ErrConfig)
	}
	plans := y.through(r.PolicyHash)
	if r.FoldVersion != FoldVersion || len(plans) == 0 || r.RegistryHash != y.Registry.Hash() {
		return fmt.Errorf("year %s: policy, registry or fold version: %w", r.Year, ErrConfig)
	}
	c, opened := p.years[r.Year]
	if !opened {
		c = newCohort()
		p.years[r.Year] = c
	}
	if n := len(c.stretches); n < len(plans) {
		c.adopt(plans[n:])
	}
	if !opened && p.lost != 0 {
		c.gap(p.lost) // its first CONFIG may be among what was lost
	}
	c.since = r.Issued.UnixNano()
	return nil
}

// Closes says whether a control record closes a window that is open.
func (p *Partition) Closes(r control.Record) bool {
	c, ok := p.years[r.Year]
	if !ok || r.Kind != control.Close {
		return false
	}
	_, ok = c.closes(r)
	return ok
}

// Years returns the names of the opened years, ascending.
func (p *Partition) Years() []string { return slices.Sorted(maps.Keys(p.years)) }

// Pupils returns the number of pupils and of open pupil-windows held, for
// operators.
func (p *Partition) Pupils() (pupils, rows int) {
	for _, c := range p.years {
		pupils += len(c.pupils.ids)
		for _, windows := range c.open {
			for _, w := range windows {
				rows += w.n
			}
		}
	}
	return pupils, rows
}
