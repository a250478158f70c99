package simulate

import (
	"math"
	"math/rand/v2"
	"time"
)

// session is one sitting of one pupil with one tool. Everything in it follows
// from (seed, pupil, week, number), so that a statement held back can be built
// again when it is sent.
type session struct {
	pupil   uint32
	week    uint16
	number  uint8
	minute  uint16 // of the week, local time
	tool    int
	subject string
	length  int // statements
	teacher bool
	group   bool
}

// Shares of statements or sessions; the test holds the resulting rates.
const (
	shareMalformed = 0.010
	shareDuplicate = 0.010
	shareLate      = 0.030 // long run; those due after the last week are not sent
	shareTeacher   = 0.010
	shareGroup     = 0.004
	holidayUse     = 0.05 // of the use in session
	baseActive     = 0.42 // chance that a mean pupil is active in a mean week
)

// mix is the finaliser of SplitMix64: it spreads seeds that differ in few bits.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// seedFor restarts the generator at a pupil's sitting; number 255 is the plan
// of the pupil's week.
func (s *Simulation) seedFor(pupil uint32, week uint16, number uint8) {
	s.pcg.Seed(s.seed, mix(s.seed^mix(uint64(pupil)<<24|uint64(week)<<8|uint64(number))))
}

// sittings draws how often a pupil sits down in a week; mostly never.
func (s *Simulation) sittings(p *pupil, id uint32, week uint16) int {
	s.seedFor(id, week, 255)
	sc := &s.schools[p.school]
	use := baseActive * float64(p.use) * sc.adoption * season(int(week))
	if !s.calendar.InSession(sc.zone, s.windows[week]) {
		use *= holidayUse
	}
	if s.rand.Float64() >= 1-math.Exp(-1.28*use) {
		return 0
	}
	n := 1
	for n < 12 && s.rand.Float64() < min(0.35+0.15*use, 0.8) {
		n++
	}
	return n
}

// season is the weekly rhythm of a year: a slow start, then waves.
func season(week int) float64 {
	return min(1, 0.82+0.09*float64(week)) * (1 + 0.07*math.Sin(float64(week)*0.9))
}

// begin draws a sitting up to its first statement.
func (s *Simulation) begin(id uint32, week uint16, number uint8) session {
	s.seedFor(id, week, number)
	r := s.rand
	ss := session{pupil: id, week: week, number: number, minute: drawMinute(r)}
	ss.tool = pick(r, toolWeights)
	t := &tools[ss.tool]
	ss.subject = t.subjects[pick(r, t.weights)]
	ss.teacher = r.Float64() < shareTeacher
	ss.group = !ss.teacher && r.Float64() < shareGroup
	ss.length = t.shortest
	for ss.length < 40 && r.Float64() < t.onward {
		ss.length++
	}
	return ss
}

// pick draws an index by cumulative weights that end at 1.
func pick(r *rand.Rand, cumulative []float64) int {
	u := r.Float64()
	for i, c := range cumulative {
		if u < c {
			return i
		}
	}
	return len(cumulative) - 1
}

// Monday to Sunday, cumulative; then the hours 0…23 of a school day and of a
// weekend day.
var (
	days    = []float64{0.18, 0.37, 0.51, 0.70, 0.87, 0.91, 1}
	classes = hours(map[int]float64{7: .5, 8: 8, 9: 10, 10: 11, 11: 9, 12: 3, 13: 6, 14: 9, 15: 8, 16: 6, 17: 7, 18: 8, 19: 5, 20: 3, 21: 1})
	leisure = hours(map[int]float64{9: 1, 10: 4, 11: 5, 12: 2, 13: 2, 14: 6, 15: 7, 16: 7, 17: 8, 18: 8, 19: 5, 20: 3, 21: 1})
)

func hours(weights map[int]float64) []float64 {
	cumulative := make([]float64, 24)
	total := 0.0
	for h := range cumulative {
		total += weights[h]
		cumulative[h] = total
	}
	for h := range cumulative {
		cumulative[h] /= total
	}
	return cumulative
}

func drawMinute(r *rand.Rand) uint16 {
	day := pick(r, days)
	byHour := classes
	if day >= 5 {
		byHour = leisure
	}
	return uint16(day*1440 + pick(r, byHour)*60 + r.IntN(60))
}

// delay draws by how many weeks a late statement is late: half of them by
// one, few by six.
func delay(r *rand.Rand) int {
	weeks := 1
	for weeks < 6 && r.Float64() < 0.5 {
		weeks++
	}
	return weeks
}

// clock gives the instant of a minute of a week. Days before the first of
// September are outside the school year: they count as the next day.
func (s *Simulation) clock(week, minute uint16) time.Time {
	return s.days[week][minute/1440].Add(time.Duration(minute%1440) * time.Minute)
}
