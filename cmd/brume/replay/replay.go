package replay

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Config says what is replayed.
type Config struct {
	Sender      SenderConfig // Settled is ours
	File        string       // NDJSON, plain, .gz or .zst
	State       string       // progress file; empty: a restart begins anew
	MemoryLimit int64        // for sorting a compressed file, bytes
	SaveEvery   time.Duration
	Progress    func(Progress) // for a terminal; calls do not overlap
}

// DefaultConfig sorts compressed files of up to 512 MB and saves its progress
// every second.
func DefaultConfig() Config {
	return Config{Sender: DefaultSenderConfig(), MemoryLimit: 512 << 20, SaveEvery: time.Second}
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	all := []error{c.Sender.Validate()}
	if c.File == "" {
		all = append(all, errors.New("no file of statements"))
	}
	if c.MemoryLimit < 0 || c.SaveEvery < 0 {
		all = append(all, errors.New("memory limit and save interval must not be negative"))
	}
	return errors.Join(all...)
}

// Progress is how far a replay has come.
type Progress struct {
	Done  int64 // statements settled, earlier runs included
	Total int64 // statements of the file
}

// Run sends the file's statements in the order of their timestamps and returns
// what became of them, earlier runs of the same state file included. It may be
// interrupted at any moment, and killed: the next run goes on where statements
// were settled without a gap, so that a few may be sent again, unchanged, but
// none is left out.
func Run(ctx context.Context, cfg Config) (Result, error) {
	if err := cfg.Validate(); err != nil {
		return Result{}, fmt.Errorf("replaying: %w", err)
	}
	l, err := openLines(cfg.File, cfg.MemoryLimit)
	if err != nil {
		return Result{}, fmt.Errorf("replaying: %w", err)
	}
	defer l.Close()
	before, err := loadState(cfg.State, l)
	if err != nil {
		return Result{}, fmt.Errorf("replaying: %w", err)
	}
	k := &keeper{cfg: cfg, before: before, now: before}
	sc := cfg.Sender
	sc.Settled = k.settled
	s, err := NewSender(sc)
	if err != nil {
		return Result{}, fmt.Errorf("replaying: %w", err)
	}
	defer s.Close()
	err = sendAll(ctx, s, l, int(before.Position))
	err = errors.Join(err, k.now.save(cfg.State))
	if err != nil {
		return k.now.Result, fmt.Errorf("replaying %s: %w", cfg.File, err)
	}
	return k.now.Result, nil
}

func sendAll(ctx context.Context, s *Sender, l *lines, from int) error {
	for i := from; i < len(l.entries); i++ {
		st, err := l.at(i)
		if err == nil {
			err = s.Send(ctx, st)
		}
		if err != nil {
			s.flying.Wait()
			return err
		}
	}
	return s.Flush(ctx)
}

// keeper follows the sender and saves the state.
type keeper struct {
	cfg    Config
	before state // of earlier runs
	now    state
	saved  time.Time
}

// settled is called by one batch at a time. That a state cannot be saved is
// reported by the last save, after everything has been sent.
func (k *keeper) settled(position int64, r Result) {
	k.now.Position = k.before.Position + position
	k.now.Result = k.before.Result.clone()
	k.now.Result.add(r)
	if k.cfg.Progress != nil {
		k.cfg.Progress(Progress{Done: k.now.Position, Total: k.now.Total})
	}
	if t := time.Now(); t.Sub(k.saved) >= k.cfg.SaveEvery {
		k.saved = t
		_ = k.now.save(k.cfg.State)
	}
}
