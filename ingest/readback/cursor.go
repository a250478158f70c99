package readback

import "strings"

// cursor walks the statements of one publisher.
type cursor struct {
	w     *Window
	owner Owner
	q     *Query
	sieve sieve
	after int64 // Unix nanoseconds; since is exclusive
	until int64
	at    uint64 // next to look at, 0 at the end

	parsed, scanned, visited int
}

func (c *cursor) begin() {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.tick()
	if chain := c.w.store.chains[c.owner.Number]; chain != nil {
		c.at = chain.last
		if c.q.Ascending {
			c.at = chain.first
		}
	}
}

// attached is the size of the contents that the answer has to have for st.
func (c *cursor) attached(st *Statement) (n int) {
	if !c.q.Attachments {
		return 0
	}
	for _, sha2 := range st.contents() {
		n += c.w.size(c.owner, sha2)
	}
	return n
}

// next gives the next statement that may match.
func (c *cursor) next() (st Statement, ok bool) {
	for c.at != 0 && c.scanned < maxScanned && c.visited < maxVisited && c.parsed < maxParsed {
		if st, ok = c.some(); ok {
			return st, true
		}
	}
	return st, false
}

// some looks for it among a few statements, so that others get the lock.
func (c *cursor) some() (st Statement, ok bool) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.tick()
	line := c.w.lines.sees(&c.owner)
	for enough := c.scanned + atOnce; c.at != 0 && c.scanned < enough && c.visited < maxVisited; {
		e := c.here()
		if e == nil {
			break
		}
		place := c.at
		c.step(e)
		if e.flags&voided != 0 || !e.of(line) || e.at <= c.after || e.at > c.until {
			continue
		}
		_, text := c.w.store.text(e)
		if c.scanned += len(text); c.sieve.lets(text) {
			st = c.w.statement(e)
			st.place = place
			return st, true
		}
	}
	return st, false
}

// here is the entry at the cursor. One that has expired meanwhile ends the
// list, or, when it ascends, moves on to the oldest.
func (c *cursor) here() *entry {
	s := c.w.store
	if e := s.entry(c.at); e != nil {
		return e
	}
	c.at = 0
	if chain := s.chains[c.owner.Number]; chain != nil && c.q.Ascending {
		c.at = chain.first
	}
	return s.entry(c.at)
}

// step moves on, and ends where no later one can be within the times.
func (c *cursor) step(e *entry) {
	c.visited++
	c.at = e.prev
	if c.q.Ascending {
		c.at = e.next
	}
	if c.q.Ascending && e.at > c.until || !c.q.Ascending && e.at <= c.after {
		c.at = 0
	}
}

// matches parses a statement, and those that it targets, until every condition
// is met by one of them.
func (c *cursor) matches(st *Statement) (bool, error) {
	wanted, met := c.q.wanted(), conditions(0)
	for range maxReferences {
		if met&wanted == wanted {
			return true, nil
		}
		c.parsed += len(st.Raw)
		f, err := read(st.Raw)
		if err != nil {
			return false, err
		}
		met |= c.q.met(f)
		if f.Object.Type != "StatementRef" || c.parsed >= maxParsed {
			break
		}
		target, _, ok := c.w.get(c.owner, strings.ToLower(f.Object.ID))
		if !ok {
			break
		}
		st = &target
	}
	return met&wanted == wanted, nil
}
