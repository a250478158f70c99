package simulate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// Week sends the next week in the order in which tools send it: sitting by
// sitting, by their beginning. emit MUST NOT keep the body.
func (s *Simulation) Week(ctx context.Context, emit func(Statement) error) error {
	if s.next == len(s.windows) {
		return fmt.Errorf("simulating week %d of %d", s.next+1, len(s.windows))
	}
	week := uint16(s.next)
	s.next++
	for _, j := range s.plan(week) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("simulating week %s: %w", s.windows[week].Label, err)
		}
		if err := s.send(week, j, emit); err != nil {
			return err
		}
	}
	return nil
}

// plan lists the sittings of a week and what was held back for it.
func (s *Simulation) plan(week uint16) []job {
	jobs := s.late[week]
	s.late[week] = nil
	for id := range s.pupils {
		n := s.sittings(&s.pupils[id], uint32(id), week)
		for number := range uint8(n) {
			ss := s.begin(uint32(id), week, number)
			jobs = append(jobs, job{ss.minute, week, uint32(id), number, -1})
		}
	}
	slices.SortFunc(jobs, func(a, b job) int {
		return cmp.Or(cmp.Compare(a.minute, b.minute), cmp.Compare(a.pupil, b.pupil), cmp.Compare(a.week, b.week),
			cmp.Compare(a.number, b.number), cmp.Compare(a.only, b.only))
	})
	return jobs
}

// send builds a sitting's statements. All that is random about a statement is
// drawn whether or not it is sent now, so that it is the same when it is.
func (s *Simulation) send(week uint16, j job, emit func(Statement) error) error {
	ss := s.begin(j.pupil, j.week, j.number)
	w := s.open(&ss)
	start := s.clock(j.week, ss.minute)
	_, w.offset = start.Zone()
	elapsed := 0
	for w.index = range ss.length {
		st := Statement{Week: int(week), Origin: int(j.week), Tool: tools[ss.tool].name, Group: ss.group, Teacher: ss.teacher,
			Unlisted: s.pupils[j.pupil].traits&unlisted != 0, Unknown: s.pupils[j.pupil].traits&unknownSchool != 0}
		elapsed = min(elapsed+s.draw(w), 6600)
		w.time = start.UTC().Add(time.Duration(elapsed)*time.Second + time.Duration(s.rand.IntN(1000))*time.Millisecond)
		fate, weeks, gap := s.rand.Float64(), delay(s.rand), s.rand.IntN(1100)
		w.fault = NoFault
		switch {
		case fate < shareLate:
			st.Late = true
			if j.only < 0 {
				s.hold(j, w.index, weeks)
				continue
			}
		case fate < shareLate+shareMalformed:
			w.fault = Fault(1 + gap%int(faults-1))
		case fate < shareLate+shareMalformed+shareDuplicate:
			st.Duplicate = true
		}
		if j.only >= 0 && w.index != int(j.only) {
			continue
		}
		st.Time, st.Fault, st.Malformed, st.Body = w.time, w.fault, w.fault != NoFault, w.statement()
		if err := s.emit(st, int64(gap), emit); err != nil {
			return err
		}
	}
	return nil
}

// emit sends a statement, remembers it if it will be sent again, and sends
// what is due to be sent again: far enough from the first time never to share
// a batch with it.
func (s *Simulation) emit(st Statement, gap int64, emit func(Statement) error) error {
	if st.Duplicate {
		again := st
		again.Body = slices.Clone(st.Body)
		due := s.sent + 400 + gap
		if n := len(s.repeats); n > 0 {
			due = max(due, s.repeats[n-1].due)
		}
		s.repeats = append(s.repeats, repetition{due, again})
		st.Duplicate = false
	}
	s.sent++
	if err := emit(st); err != nil {
		return err
	}
	for len(s.repeats) > 0 && s.repeats[0].due <= s.sent {
		again := s.repeats[0].statement
		s.repeats = s.repeats[1:]
		again.Week = st.Week
		s.sent++
		if err := emit(again); err != nil {
			return err
		}
	}
	return nil
}

// hold keeps a statement for a later week, if that week is simulated.
func (s *Simulation) hold(j job, index, weeks int) {
	due := int(j.week) + weeks
	if due < len(s.late) {
		j.only = int8(index)
		s.late[due] = append(s.late[due], j)
	}
}

// open prepares the writer for a sitting.
func (s *Simulation) open(ss *session) *writer {
	p := &s.pupils[ss.pupil]
	sc := &s.schools[p.school]
	w := &s.out
	w.session, w.homePage, w.uai, w.level = ss, sc.homePage, sc.uai, sc.levels[p.level]
	w.account = mix(s.seed ^ 0xacc0<<48 ^ uint64(ss.pupil))
	if ss.teacher {
		w.account = mix(s.seed ^ 0x7eac<<48 ^ uint64(p.school)<<8 ^ uint64(ss.pupil%24))
	}
	if p.traits&unlisted != 0 {
		w.homePage = unlistedHomePage
	}
	if p.traits&unknownSchool != 0 {
		w.uai = unregistered.String()
	}
	return w
}

// draw chooses what a statement says; it returns the seconds since the one
// before.
func (s *Simulation) draw(w *writer) int {
	r, ss := s.rand, w.session
	p := &s.pupils[ss.pupil]
	w.id = newID(r)
	w.activity = uint64(r.IntN(400))
	odds := float64(p.ability) + s.schools[p.school].ease - difficulty[ss.subject] + progress*float64(ss.week)
	mastery := 1 / (1 + math.Exp(-odds))
	w.success = r.Float64() < mastery
	part := r.Float64()
	if w.success {
		w.score = 500 + int(500*math.Sqrt(part))
	} else {
		w.score = int(500 * part)
	}
	each := tools[ss.tool].each
	w.seconds = each/3 + r.IntN(each)
	return w.seconds + r.IntN(20)
}
