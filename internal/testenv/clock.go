package testenv

import (
	"sync"
	"time"
)

// Clock is a time that a test moves, while others read it.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock returns a clock that stands.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Pass moves the time.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
