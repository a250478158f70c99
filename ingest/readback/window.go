package readback

import (
	"context"
	"crypto/cipher"
	"errors"
	"strings"
	"sync"
	"time"

	"brume/ingest/compare"
	"brume/ingest/parts"
	"brume/schemas/xapi"
)

// Config bounds a window.
type Config struct {
	Keep  time.Duration // 0: nothing is kept and nothing can be read
	Bytes int64         // that texts and index may take
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var errs []error
	if c.Keep < 0 || c.Keep > maxKeep {
		errs = append(errs, errors.New("readback: want 0 (off) to "+maxKeep.String()))
	}
	if c.Keep > 0 && c.Bytes < minBytes {
		errs = append(errs, errors.New("readback_bytes: want at least 1 MiB"))
	}
	return errors.Join(errs...)
}

const (
	maxKeep  = time.Hour // it serves to check delivery; longer would be a record store
	minBytes = 1 << 20
)

// Window keeps the statements of the last minutes.
type Window struct {
	cfg Config
	now func() time.Time

	mu      sync.Mutex
	store   *store
	sealer  cipher.AEAD // of tokens that continue a list
	digests digests     // what conflicts are seen by when the store has no text
	lines   lines
	last    int64 // latest time given to a statement
}

// New makes an empty window; it needs Run to forget without traffic.
func New(cfg Config, now func() time.Time) *Window {
	return &Window{cfg: cfg, now: now, store: newStore(cfg.Bytes), sealer: newSealer(), digests: digests{of: compare.NewDigester()}, lines: lines{}}
}

// On says whether statements can be read back.
func (w *Window) On() bool { return w.cfg.Keep > 0 }

// Put keeps statements that were acknowledged, by whom they came, and the
// contents of their attachments. A statement whose id is kept already stays as it was. What is put can be read at once, and the time from which
// it can be read is its property stored.
func (w *Window) Put(by Owner, version2 bool, statements []xapi.Statement, contents []parts.Part) {
	var f flags
	if version2 {
		f = v2
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at, line := w.tick(), w.lines.number(by.Line)
	for i := range contents {
		w.attach(entry{at: at, line: line, publisher: by.Number}, &contents[i])
	}
	for i := range statements {
		st := &statements[i]
		kept, hash := w.store.search(by.Number, everyLine, statement, st.ID)
		if kept != nil {
			continue
		}
		w.digests.put(hash, st)
		if w.On() {
			w.keep(st, entry{hash: hash, at: at, line: line, publisher: by.Number, flags: f})
		}
	}
}

// keep adds a statement whose id is new. The lock MUST be held.
func (w *Window) keep(st *xapi.Statement, e entry) {
	if st.Verb == xapi.Voided {
		e.flags |= voids
	} else if w.store.voiders > 0 && w.store.find(e.publisher, voider, st.ID) != nil {
		e.flags |= voided
	}
	if w.store.add(e, st.ID, st.Raw) && e.flags&voids != 0 {
		w.void(strings.ToLower(st.Object.ID), e)
	}
}

// void marks the statement that a kept one voids, whether it has come already
// or comes later.
func (w *Window) void(id string, e entry) {
	if target := w.store.find(e.publisher, statement, id); target != nil && target.flags&voids == 0 {
		target.flags |= voided
	}
	kept, hash := w.store.search(e.publisher, everyLine, voider, id)
	if kept == nil && w.store.add(entry{hash: hash, at: e.at, line: e.line, publisher: e.publisher, kind: voider}, id) {
		w.store.voiders++
	}
}

// tick forgets what has expired and gives a time that no statement has yet.
// The lock MUST be held.
func (w *Window) tick() int64 {
	now := w.now()
	w.expire(now)
	w.last = max(w.last+1, now.UnixNano())
	return w.last
}

// expire forgets what is older than Keep, and everything once the clock has
// gone back: nobody can say any more how old it is. The lock MUST be held.
func (w *Window) expire(now time.Time) {
	before := now.Add(-w.cfg.Keep)
	if now.UnixNano() < w.last-int64(w.slack()) {
		before, w.last = never, 0
	}
	w.store.expire(before)
}

// slack is how much longer than Keep a statement may stay.
func (w *Window) slack() time.Duration { return w.cfg.Keep / 15 }

// never is later than every time that a statement is given.
var never = time.Unix(0, 1<<63-1)

// Run forgets what has expired also when nothing is put or read, and
// everything once ctx ends. What expires is gone a fifteenth of Keep later.
func (w *Window) Run(ctx context.Context) {
	if !w.On() {
		return
	}
	ticker := time.NewTicker(max(w.slack(), time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			w.forget(w.expire, w.now())
		case <-ctx.Done():
			w.forget(w.store.expire, never)
			return
		}
	}
}

func (w *Window) forget(expire func(time.Time), at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	expire(at)
	w.store.wipe()
}
