package xapi

import (
	"slices"
	"sync"
)

// Limits bound what one body may hold.
type Limits struct {
	Statements int // in a batch
	Bytes      int // of one statement
	Depth      int // nesting of one statement, extensions included
	Faults     int // reported before decoding gives up
}

// DefaultLimits are the limits of the ingestion endpoint.
func DefaultLimits() Limits {
	return Limits{Statements: 1000, Bytes: 256 << 10, Depth: 32, Faults: 20}
}

// Options say how to read a body.
type Options struct {
	V2        bool // the request follows xAPI 2.0: contextAgents, contextGroups, version 2.0.x
	Multipart bool // attachments without fileUrl may follow as further parts
	Limits    Limits
}

// Batch is a decoded body.
type Batch struct {
	Statements []Statement
	Single     bool // the body was one statement, not an array
}

// Decode reads a statement or an array of statements. The error is of type
// Faults; a batch with a fault decodes to nothing. Statements do not refer to
// body, which the caller may reuse.
func Decode(body []byte, o Options) (Batch, error) {
	d := decoders.Get().(*decoder)
	defer d.release()
	d.reset(string(body), o)
	b := d.batch()
	if len(d.faults) > 0 {
		return Batch{}, d.faults
	}
	return b, nil
}

// decoder walks one body. A fault of the text itself or too many faults end the
// walk: every method then does nothing.
type decoder struct {
	options Options
	body    string
	text    string // the body, cut where the statement passes its limit
	pos     int    // of the next byte
	first   bool   // an object or array was just opened
	scratch []byte // the value of the last string with escapes

	path  [frames]frame
	level int    // open frames
	base  int    // frames around the statement
	prop  prop   // the member that next has read
	name  string // its name

	faults  Faults
	stopped bool

	ids      nameSet   // of the batch
	names    []nameSet // of open free maps, by depth
	deepest  int       // of names in use
	extended shelf[Extension]
	around   shelf[ContextActivity]
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

func (d *decoder) reset(body string, o Options) {
	d.options, d.body, d.text = o, body, body
	if len(d.names) <= o.Limits.Depth {
		d.names = make([]nameSet, o.Limits.Depth+1)
	}
}

// keepScratch bounds the scratch that a pooled decoder keeps.
const keepScratch = 4 << 10

// release returns the decoder to its pool, without a trace of the body.
func (d *decoder) release() {
	d.ids.forget()
	for i := range d.names[:d.deepest+1] {
		d.names[i].forget()
	}
	if cap(d.scratch) > keepScratch {
		d.scratch = nil
	}
	clear(d.scratch[:cap(d.scratch)])
	*d = decoder{scratch: d.scratch[:0], ids: d.ids, names: d.names}
	decoders.Put(d)
}

// namesAt returns the empty set for the names of a free map at a depth.
func (d *decoder) namesAt(depth int) *nameSet {
	d.deepest = max(d.deepest, depth)
	d.names[depth].reset()
	return &d.names[depth]
}

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
