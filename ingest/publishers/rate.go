package publishers

import (
	"time"

	"golang.org/x/time/rate"
)

// Allow takes n statements from what the key may send now. When they do not
// fit yet, wait says after how long they will, and nothing is taken. Limits are
// per key and instance.
func (p *Publisher) Allow(now time.Time, n int) (wait time.Duration) {
	if p.Rate == nil || n == 0 {
		return 0
	}
	r := p.Rate.ReserveN(now, n)
	if !r.OK() {
		return time.Hour // the caller MUST ask Fits first
	}
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// Refund gives back statements that Allow let pass and that were not taken.
func (p *Publisher) Refund(now time.Time, n int) {
	if p.Rate != nil {
		p.Rate.ReserveN(now, -n) // waits for nothing: it has more than before
	}
}

// Fits says whether so many statements can ever pass at once, and how many can
// when not.
func (p *Publisher) Fits(n int) (most int, ok bool) {
	if p.Rate == nil {
		return 0, true
	}
	most = p.Rate.Burst()
	return most, n <= most
}

// Exhausted says after how long one more statement will pass, 0 when one does
// now. It takes nothing: a request is refused by it before its body is read.
func (p *Publisher) Exhausted(now time.Time) (wait time.Duration) {
	if p.Rate == nil {
		return 0
	}
	if missing := 1 - p.Rate.TokensAt(now); missing > 0 {
		return time.Duration(missing / float64(p.Rate.Limit()) * float64(time.Second))
	}
	return 0
}

// limiters hold what each key has left. They outlive changes of the registry,
// so that a change does not refill them.
type limiters map[string]*rate.Limiter

// of gives the limiter of a live key, nil when its rate is not bound.
func (m limiters) of(before limiters, k *Key, now time.Time) *rate.Limiter {
	if k.Limits.Rate <= 0 {
		return nil
	}
	l := before[k.ID]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(k.Limits.Rate), k.Limits.AtOnce())
	}
	if l.Limit() != rate.Limit(k.Limits.Rate) {
		l.SetLimitAt(now, rate.Limit(k.Limits.Rate))
	}
	if l.Burst() != k.Limits.AtOnce() {
		l.SetBurstAt(now, k.Limits.AtOnce())
	}
	m[k.ID] = l
	return l
}
