package xapi

import "slices"

// batch decodes the body.
func (d *decoder) batch() Batch {
	b := Batch{Single: d.peek() != '['}
	if b.Single {
		b.Statements = make([]Statement, 1)
		d.one(&b.Statements[0])
	} else {
		d.base = 1
		d.many(&b)
	}
	if !d.ended() {
		d.broken(BadJSON)
	}
	return b
}

// ended says whether all of the body has been read, without a fault of its text.
func (d *decoder) ended() bool {
	return d.peek() == 0 && d.pos == len(d.body) && !d.stopped
}

func (d *decoder) many(b *Batch) {
	d.path[0] = frame{element: -1}
	d.level = 1
	for d.open(); d.element(); {
		if len(b.Statements) == d.options.Limits.Statements {
			d.broken(TooMany)
			return
		}
		if n := len(b.Statements); n == cap(b.Statements) {
			b.Statements = slices.Grow(b.Statements, d.expected(n))
		}
		b.Statements = append(b.Statements, Statement{})
		s := &b.Statements[len(b.Statements)-1]
		d.one(s)
		if s.ID != "" && !d.ids.add(s.ID) {
			d.fault(RepeatedID, phrase{})
		}
	}
}

// expected is how many statements to make room for: as many as there will be
// when the rest are as long as the n before.
func (d *decoder) expected(n int) int {
	if n == 0 {
		return 1
	}
	rest := len(d.text) - d.pos
	return min(d.options.Limits.Statements-n, n*rest/d.pos+2)
}

// one decodes the statement that comes next.
func (d *decoder) one(s *Statement) {
	d.peek()
	faults, start := len(d.faults), d.pos
	d.text = d.body[:min(len(d.body), start+d.options.Limits.Bytes)]
	d.extended.allow()
	d.around.allow()
	d.statement(s)
	d.text = d.body
	if len(d.faults) == faults {
		s.Raw = d.text[start:d.pos]
	}
}

// fault reports a broken rule where the walk stands.
func (d *decoder) fault(code Code, detail phrase) {
	d.faultAt(code, d.pointer(d.level), detail)
}

// faultIn reports a broken rule at a member of the object read last.
func (d *decoder) faultIn(code Code, member prop, detail phrase) {
	d.faultAt(code, d.pointer(d.level)+"/"+member.String(), detail)
}

func (d *decoder) faultAt(code Code, pointer string, detail phrase) {
	if d.stopped {
		return
	}
	d.faults = append(d.faults, newFault(code, pointer, detail, d.options.V2))
	if len(d.faults) >= max(1, d.options.Limits.Faults) {
		d.stopped = true
		d.pos = len(d.text)
	}
}
