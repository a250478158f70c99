package httpserver

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// within runs what must end by itself and soon.
func within(t *testing.T, limit time.Duration, what string, run func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { run(); close(done) }()
	select {
	case <-done:
	case <-time.After(limit):
		t.Errorf("%s: not within %s", what, limit)
	}
}

// Of the header the first 16 KiB are read, not more.
func TestHeaderSize(t *testing.T) {
	cfg := DefaultConfig()
	cfg.IdleTimeout = 200 * time.Millisecond
	handler := &seen{}
	url, _ := start(t, cfg, handler.ServeHTTP, slog.New(slog.DiscardHandler))
	for _, row := range []struct{ size, status int }{
		{cfg.HeaderBytes, http.StatusOK}, {cfg.HeaderBytes + 4<<10, http.StatusRequestHeaderFieldsTooLarge}, {8 << 20, http.StatusRequestHeaderFieldsTooLarge},
	} {
		for name, pad := range map[string]func(n int) string{
			"one header":   func(n int) string { return "X: " + strings.Repeat("x", n-5) + "\r\n" },
			"many headers": func(n int) string { return strings.Repeat("X: "+strings.Repeat("y", 95)+"\r\n", n/100) },
			"the target":   nil,
		} {
			head, tail := "GET /first HTTP/1.1\r\nHost: brume.example\r\n", "\r\n"
			raw := ""
			if pad == nil {
				raw = "GET /first?" + strings.Repeat("x", row.size-len(head)-len(tail)-1) + head[len("GET /first"):] + tail
			} else {
				raw = head + pad(row.size-len(head)-len(tail)) + tail
			}
			got := sendRaw(t, dial(t, url), raw)
			if len(got) != 1 || got[0] != row.status {
				t.Errorf("%s, %d bytes: answers %v, want %d", name, row.size, got, row.status)
			}
		}
	}
}

// Whoever sends or reads too slowly is cut off, and costs nothing afterwards.
func TestSlowClients(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("cut", func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.HeaderTimeout, cfg.ReadTimeout, cfg.WriteTimeout, cfg.IdleTimeout = 150*time.Millisecond, 300*time.Millisecond, 600*time.Millisecond, 150*time.Millisecond
		bodies, answers := make(chan error, 1), make(chan error, 1)
		url, _ := start(t, cfg, func(w http.ResponseWriter, r *http.Request) {
			_, err := io.Copy(io.Discard, r.Body)
			if r.URL.Path == "/body" {
				bodies <- err
				return
			}
			_, err = io.CopyN(w, endless{}, 1<<30)
			answers <- err
		}, slog.New(slog.DiscardHandler))

		drip := func(first string, each string) func() {
			return func() {
				c := dial(t, url)
				defer c.Close()
				go func() {
					_, err := io.WriteString(c, first)
					for err == nil {
						time.Sleep(20 * time.Millisecond)
						_, err = io.WriteString(c, each)
					}
				}()
				_, _ = io.Copy(io.Discard, c)
			}
		}
		within(t, 3*time.Second, "a header that never ends", drip("GET / HTTP/1.1\r\nHost: brume.example\r\n", "X: y\r\n"))
		within(t, 3*time.Second, "a connection without a request", drip("", ""))
		within(t, 3*time.Second, "a body that never ends", drip("POST /body HTTP/1.1\r\nHost: brume.example\r\nContent-Length: 1000000\r\n\r\n", "x"))
		if err := <-bodies; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the slow body: %v", err)
		}
		within(t, 3*time.Second, "chunks that never end", drip("POST /body HTTP/1.1\r\nHost: brume.example\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"))
		if err := <-bodies; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the slow chunks: %v", err)
		}
		c := dial(t, url)
		defer c.Close()
		_, _ = io.WriteString(c, "GET /answer HTTP/1.1\r\nHost: brume.example\r\n\r\n") // and never reads
		within(t, 5*time.Second, "an answer that nobody reads", func() {
			if err := <-answers; err == nil {
				t.Error("1 GiB was written to a client that reads nothing")
			}
		})
	})
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
