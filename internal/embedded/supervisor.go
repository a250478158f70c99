package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	firstPause = 100 * time.Millisecond
	longPause  = 5 * time.Second
	// steady is how long a child must live before its death counts as a
	// first one again.
	steady    = 10 * time.Second
	patience  = 10 * time.Second // between asking the child to end and ending it
	earlyEnds = 5                // deaths in a row before the first answer is given up
)

// supervisor keeps one child running until close.
type supervisor struct {
	configFile string
	log        *slog.Logger
	cancel     context.CancelFunc
	done       chan struct{}

	mu    sync.Mutex
	pid   int
	ends  int // quick deaths in a row
	final error
}

func supervise(configFile string, log *slog.Logger) (*supervisor, error) {
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := childCommand(ctx, configFile); err != nil {
		cancel()
		return nil, err
	}
	s := &supervisor{configFile: configFile, log: log, cancel: cancel, done: make(chan struct{})}
	go s.run(ctx)
	return s, nil
}

// run starts the child again and again. It keeps its thread: Linux ties the
// child's life to the thread that made it.
func (s *supervisor) run(ctx context.Context) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.done)
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := s.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > steady {
			pause = firstPause
		}
		s.died(err, time.Since(began) <= steady)
		s.log.Warn("the ClickHouse child ended; starting it again", "err", err, "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

// once runs one child to its end.
func (s *supervisor) once(ctx context.Context) error {
	cmd, err := childCommand(ctx, s.configFile)
	if err != nil {
		return err
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	theirs, ours, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making the pipe to the child: %w", err)
	}
	defer ours.Close()
	lines, out := io.Pipe()
	cmd.ExtraFiles = []*os.File{theirs} // parentFD
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		theirs.Close()
		return fmt.Errorf("starting the child: %w", err)
	}
	theirs.Close()
	s.setPID(cmd.Process.Pid)
	defer s.setPID(0)
	var relay sync.WaitGroup
	relay.Go(func() { s.relay(lines) })
	err = cmd.Wait()
	out.Close()
	relay.Wait()
	return err
}

// relay passes on what the child prints; it holds no data, only messages of
// the server about itself, and is of interest when something is wrong.
func (s *supervisor) relay(r io.Reader) {
	scan := bufio.NewScanner(r)
	for scan.Scan() {
		s.log.Debug("clickhouse", "line", scan.Text())
	}
	_, _ = io.Copy(io.Discard, r)
}

func (s *supervisor) setPID(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pid = pid
}

func (s *supervisor) died(err error, quickly bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !quickly {
		s.ends = 0
	}
	s.ends++
	s.final = err
}

// gaveUp says why the first answer will not come.
func (s *supervisor) gaveUp() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ends < earlyEnds {
		return nil
	}
	return fmt.Errorf("the child ended %d times: %w", s.ends, errors.Join(s.final, errors.New("see its lines in the debug log")))
}

func (s *supervisor) close() error {
	s.cancel()
	<-s.done
	return nil
}
