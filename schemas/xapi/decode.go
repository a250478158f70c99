package xapi

import (
	"bytes"
	"encoding/json/jsontext"
	"io"
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

var decoders = sync.Pool{New: func() any { return &decoder{dec: new(jsontext.Decoder)} }}

// Decode reads a statement or an array of statements. The error is of type
// Faults; a batch with a fault decodes to nothing. Statements do not refer to
// body, which the caller may reuse.
func Decode(body []byte, o Options) (Batch, error) {
	d := decoders.Get().(*decoder)
	defer func() {
		*d = decoder{dec: d.dec, seen: d.seen}
		clear(d.seen)
		decoders.Put(d)
	}()
	d.options, d.text = o, string(body)
	d.dec.Reset(bytes.NewBuffer(body))
	b := d.batch()
	if len(d.faults) > 0 {
		return Batch{}, d.faults
	}
	return b, nil
}

// decoder walks the tokens of one body. A syntax error or too many faults end
// the walk: every method then does nothing.
type decoder struct {
	options  Options
	dec      *jsontext.Decoder
	text     string // the body: strings without escapes are cut out of it
	multiple bool   // the body is a batch
	base     int    // nesting level at which the statement starts
	prop     prop   // the member that next has read
	name     string // its name
	faults   Faults
	stopped  bool
	seen     map[string]struct{} // ids of the batch
}

func (d *decoder) batch() Batch {
	b := Batch{Single: d.dec.PeekKind() != '['}
	d.multiple = !b.Single
	if b.Single {
		b.Statements = make([]Statement, 1)
		d.one(&b.Statements[0])
	} else {
		d.token()
		for d.more(']') {
			if len(b.Statements) == d.options.Limits.Statements {
				d.fault(TooMany, "")
				d.stopped = true
				break
			}
			b.Statements = append(b.Statements, Statement{})
			d.one(&b.Statements[len(b.Statements)-1])
			d.repeated(b.Statements[len(b.Statements)-1].ID)
		}
	}
	if d.stopped {
		return b
	}
	if _, err := d.dec.ReadToken(); err != io.EOF {
		d.syntax(err)
	}
	return b
}

// one decodes the statement that comes next.
func (d *decoder) one(s *Statement) {
	d.dec.PeekKind()
	faults := len(d.faults)
	d.base = d.dec.StackDepth()
	start := d.dec.InputOffset()
	d.statement(s)
	raw := strings.TrimLeft(d.text[start:d.dec.InputOffset()], ", \t\r\n")
	if len(raw) > d.options.Limits.Bytes {
		d.fault(TooLarge, "")
	}
	if len(d.faults) == faults {
		s.Raw = raw
	}
}

// repeated refuses an id that an earlier statement of the batch has.
func (d *decoder) repeated(id string) {
	if d.stopped || id == "" {
		return
	}
	if d.seen == nil {
		d.seen = make(map[string]struct{})
	}
	if _, ok := d.seen[id]; ok {
		d.fault(RepeatedID, "")
	}
	d.seen[id] = struct{}{}
}

// fault reports a broken rule at the value read last.
func (d *decoder) fault(code Code, detail string) {
	d.faultAt(code, redact(string(d.dec.StackPointer()), d.multiple), detail)
}

// faultIn reports a broken rule at a member of the object read last.
func (d *decoder) faultIn(code Code, member prop, detail string) {
	d.faultAt(code, redact(string(d.dec.StackPointer()), d.multiple)+"/"+member.String(), detail)
}

func (d *decoder) faultAt(code Code, pointer, detail string) {
	if d.stopped {
		return
	}
	d.faults = append(d.faults, newFault(code, pointer, detail))
	d.stopped = len(d.faults) >= max(1, d.options.Limits.Faults)
}
