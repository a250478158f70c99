package ingest

import (
	"errors"
	"net/http"

	"brume/ingest/compare"
	"brume/schemas/xapi"
)

// The bounds of a block, which is taken as one batch: with a decompressor's
// window and the results, memory stays within 8 MiB however long the body.
const (
	blockLines  = 1000
	blockBytes  = 1 << 20
	blockFaults = 5 // reported of a line
)

// bulk is a body of lines on its way. Lines wait in a block until it is full.
type bulk struct {
	s       *Server
	r       *request
	key     string // Idempotency-Key
	results results
	stop    *problem // why nothing can be taken any more

	block []waiting
	batch []xapi.Statement
	fate  []*problem     // of each of batch, nil when it is taken
	ids   map[string]int // of batch, to its place
	bytes int
}

// waiting is a line of the block: refused, or a statement of batch.
type waiting struct {
	number int
	p      *problem
	at     int
}

// add puts a line into the block; nil is one that was too long.
func (b *bulk) add(number int, text []byte) {
	line := waiting{number: number}
	if b.stop != nil {
		line.p = b.stop
		b.s.counts.Postponed(b.r.publisher, b.stop.Code, 1)
	} else {
		line = b.decoded(line, text)
	}
	b.block = append(b.block, line)
	if len(b.block) == b.most() || b.bytes >= blockBytes {
		b.flush()
	}
}

// most is how many lines a block holds: never more than the key may send at once.
func (b *bulk) most() int {
	if most, ok := b.r.publisher.Fits(blockLines); !ok {
		return most
	}
	return blockLines
}

// decoded reads a line. Another statement of an id that the block has waits for
// the next block, where the first is known.
func (b *bulk) decoded(line waiting, text []byte) waiting {
	st, p := b.statement(line.number, text)
	if p != nil {
		line.p = p
		return line
	}
	if b.bytes+len(st.Raw) > blockBytes {
		b.flush()
	}
	if at, known := b.ids[st.ID]; known && b.batch[at].Raw != st.Raw {
		b.flush()
	}
	if b.ids == nil {
		b.ids = make(map[string]int, blockLines)
	}
	line.at = len(b.batch)
	b.ids[st.ID] = line.at
	b.batch = append(b.batch, st)
	b.bytes += len(st.Raw)
	return line
}

// statement decodes a line and gives its statement an id.
func (b *bulk) statement(number int, text []byte) (xapi.Statement, *problem) {
	if text == nil {
		return xapi.Statement{}, b.refused(&problem{Status: http.StatusRequestEntityTooLarge, Code: string(xapi.TooLarge)})
	}
	options := xapi.Options{V2: b.r.v2, Limits: b.s.cfg.limits()}
	options.Limits.Faults = blockFaults
	batch, err := xapi.Decode(text, options)
	if err == nil && !batch.Single {
		return xapi.Statement{}, b.refused(&problem{Status: http.StatusBadRequest, Code: "ndjson.array"})
	}
	if err == nil {
		err = attached(batch, nil, options)
	}
	if faults, ok := errors.AsType[xapi.Faults](err); ok {
		b.s.counts.Faults(b.r.publisher, faults, text)
		return xapi.Statement{}, invalid(faults)
	}
	st := batch.Statements[0]
	b.s.name(b.r, &st, b.key, number-1)
	if p := b.s.barred(b.r, &st); p != nil {
		return st, b.refused(p)
	}
	return st, nil
}

// barred says why a statement would not be taken, so that a whole block is not
// tried in vain. take has the last word.
func (s *Server) barred(r *request, st *xapi.Statement) *problem {
	alone := xapi.Batch{Statements: []xapi.Statement{*st}, Single: true}
	if p := conflict(r, alone); p != nil {
		return p
	}
	e, _, ok := r.publisher.Mapping.Event(st, s.deps.Registry, s.reception(r))
	if !ok {
		return nil
	}
	return permit(r, alone, 0, &e)
}

// flush takes the block and writes down what became of its lines.
func (b *bulk) flush() {
	b.fate = append(b.fate[:0], make([]*problem, len(b.batch))...)
	b.take(0, len(b.batch))
	for _, line := range b.block {
		switch {
		case line.p != nil:
			b.refuse(line.number, line.p)
		case b.fate[line.at] != nil:
			b.refuse(line.number, b.fate[line.at])
		default:
			b.results.accept(line.number, b.batch[line.at].ID)
		}
	}
	clear(b.batch)
	clear(b.ids)
	b.block, b.batch, b.bytes = b.block[:0], b.batch[:0], 0
	b.r.compare = compare.MaxBytes
}

func (b *bulk) refuse(line int, p *problem) {
	b.s.texts.explain(p)
	b.results.refuse(line, p)
}

// take takes a part of the batch. When that is refused for good, because of a
// statement or because it is too much at once, its halves are tried. What may
// succeed later stops the whole. Each statement MUST be counted once, however
// often it is tried.
func (b *bulk) take(from, to int) {
	if from == to {
		return
	}
	p := b.stop
	if p == nil {
		p = b.s.take(b.r, xapi.Batch{Statements: b.batch[from:to], Single: to-from == 1})
	}
	switch {
	case p == nil:
		return
	case !p.final():
		b.stop = p
	case to-from > 1:
		half := (from + to) / 2
		b.take(from, half)
		b.take(half, to)
		return
	}
	b.s.missed(b.r, p, to-from)
	for i := from; i < to; i++ {
		b.fate[i] = p
	}
}
