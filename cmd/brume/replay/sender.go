package replay

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Sender posts statements in batches over several connections. Send and Flush
// are for one goroutine; Counts is for any.
type Sender struct {
	cfg   SenderConfig
	wait  func(context.Context, time.Duration) error
	slots chan struct{} // one for each request in flight
	batch *batch        // being filled
	seq   int64         // of the next batch

	flying  sync.WaitGroup
	settled settled
}

// batch is a run of consecutive statements, copied.
type batch struct {
	seq  int64
	body []byte // one statement after the other
	ends []int  // of each statement within body
}

func (b *batch) all() []int {
	statements := make([]int, len(b.ends))
	for i := range statements {
		statements[i] = i
	}
	return statements
}

func (b *batch) statement(i int) []byte {
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.body[start:b.ends[i]]
}

// NewSender checks the configuration; nothing is sent yet.
func NewSender(cfg SenderConfig) (*Sender, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("sending statements: %w", err)
	}
	cfg.URL = strings.TrimSuffix(cfg.URL, "/") + "/statements"
	if cfg.Client == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxConnsPerHost, t.MaxIdleConnsPerHost = cfg.Connections, cfg.Connections
		cfg.Client = &http.Client{Transport: t}
	}
	return &Sender{cfg: cfg, wait: sleep, slots: make(chan struct{}, cfg.Connections), batch: &batch{},
		settled: settled{notify: cfg.Settled, waiting: map[int64]Result{}}}, nil
}

// Send takes statements, which it copies, and posts each full batch. It blocks
// while all connections are busy. After an error, nothing more is sent.
func (s *Sender) Send(ctx context.Context, statements ...[]byte) error {
	for _, st := range statements {
		b := s.batch
		b.body = append(b.body, st...)
		b.ends = append(b.ends, len(b.body))
		if len(b.ends) < s.cfg.Batch {
			continue
		}
		if err := s.post(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Flush posts what is left and returns when every statement is acknowledged or
// refused.
func (s *Sender) Flush(ctx context.Context) error {
	if len(s.batch.ends) > 0 {
		if err := s.post(ctx); err != nil {
			s.flying.Wait()
			return err
		}
	}
	s.flying.Wait()
	return s.settled.failed()
}

// Counts says what became of the statements so far.
func (s *Sender) Counts() Result {
	s.settled.mu.Lock()
	defer s.settled.mu.Unlock()
	return s.settled.total.clone()
}

// Close gives up the idle connections. What was not flushed is not sent.
func (s *Sender) Close() { s.cfg.Client.CloseIdleConnections() }

func (s *Sender) post(ctx context.Context) error {
	if err := s.settled.failed(); err != nil {
		return err
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("sending statements: %w", ctx.Err())
	}
	b := s.batch
	b.seq = s.seq
	s.seq++
	s.batch = &batch{}
	s.flying.Go(func() {
		defer func() { <-s.slots }()
		d := delivery{s: s, b: b}
		err := d.deliver(ctx, b.all())
		s.settled.settle(b.seq, d.result, err)
	})
	return nil
}

// settled adds up batches, all of them and those without a gap.
type settled struct {
	mu       sync.Mutex
	total    Result
	prefix   Result // of the batches before next
	next     int64
	waiting  map[int64]Result // settled out of turn
	position int64            // statements in prefix
	err      error            // first failure
	notify   func(int64, Result)
}

func (t *settled) settle(seq int64, r Result, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total.add(r)
	if err != nil {
		if t.err == nil {
			t.err = err
		}
		return
	}
	t.waiting[seq] = r
	before := t.next
	for {
		r, ok := t.waiting[t.next]
		if !ok {
			break
		}
		delete(t.waiting, t.next)
		t.prefix.add(r)
		t.position += r.Sent
		t.next++
	}
	if t.notify != nil && t.next > before {
		t.notify(t.position, t.prefix.clone())
	}
}

func (t *settled) failed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
