// Package testenv gives tests the real parts: an embedded broker, a real
// Kafka when there is one, an embedded ClickHouse, and the data that is not
// in the repository.
package testenv

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"brume/internal/embedded"
)

// Main is the body of TestMain: it lets the test binary become the ClickHouse
// child, runs the tests, and stops what they shared.
func Main(m *testing.M) {
	embedded.MaybeRunChild()
	code := m.Run()
	if err := sharedClickHouse.close(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping ClickHouse:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// CI tells that nothing may be left out.
func CI() bool { return os.Getenv("CI") == "true" }

// Missing ends the test that cannot run here: it skips, and fails in CI.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if CI() {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Data returns the path of a file or directory of the data set.
func Data(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("BRUME_TEST_DATA")
	if dir == "" {
		Missing(t, "BRUME_TEST_DATA is not set: it names the directory that holds %s", name)
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		Missing(t, "test data: %v", err)
	}
	return path
}

// Log is a logger whose lines go to the test and show when it fails.
func Log(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(&lines{t: t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// lines writes to a test until it ends; what comes later is dropped, since a
// test must not be written to after its end.
type lines struct {
	t     testing.TB
	once  sync.Once
	mu    sync.Mutex
	ended bool
}

func (l *lines) Write(p []byte) (int, error) {
	l.once.Do(func() {
		l.t.Cleanup(func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.ended = true
		})
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.t.Logf("%s", bytes.TrimRight(p, "\n"))
	}
	return len(p), nil
}

// ClickHouse returns the embedded ClickHouse that the tests of this binary
// share. Its databases are empty at first and common to all tests.
func ClickHouse(t testing.TB) *embedded.ClickHouse {
	t.Helper()
	if _, err := embedded.Libchdb(); err != nil {
		Missing(t, "%v", err)
	}
	c, err := sharedClickHouse.get()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type sharedServer struct {
	mu  sync.Mutex
	dir string
	ch  *embedded.ClickHouse
	err error
}

var sharedClickHouse sharedServer

func (s *sharedServer) get() (*embedded.ClickHouse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil || s.err != nil {
		return s.ch, s.err
	}
	if s.dir, s.err = os.MkdirTemp("", "brume-clickhouse-"); s.err != nil {
		return nil, s.err
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if os.Getenv("BRUME_TEST_VERBOSE") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	s.ch, s.err = embedded.StartClickHouse(context.Background(), embedded.ClickHouseConfig{Dir: s.dir}, log)
	return s.ch, s.err
}

func (s *sharedServer) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.ch != nil {
		err = s.ch.Close()
	}
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
	return err
}
