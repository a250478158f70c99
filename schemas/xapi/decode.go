package xapi

import (
	"strings"
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

// Decode is DecodeText of a copy: the caller may reuse the body.
func Decode(body []byte, o Options) (Batch, error) { return DecodeText(string(body), o) }

// DecodeText reads a statement or an array of statements, which are pieces of
// the text. The error is of type Faults; a batch with a fault decodes to
// nothing.
func DecodeText(text string, o Options) (Batch, error) {
	d := decoders.Get().(*decoder)
	defer d.release()
	d.reset(text, o)
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
	text    string          // the body, cut where the statement passes its limit
	pos     int             // of the next byte
	first   bool            // an object or array was just opened
	scratch []byte          // the value of the last string with escapes
	values  strings.Builder // of such strings

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
