package httpserver

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"brume/internal/testenv/smuggling"
)

// seen are the paths that a handler was asked for, with its bodies read.
type seen struct {
	mu    sync.Mutex
	paths []string
}

func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, err := io.Copy(io.Discard, r.Body)
	s.mu.Lock()
	s.paths = append(s.paths, r.URL.Path)
	s.mu.Unlock()
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_, _ = io.WriteString(w, r.URL.Path)
}

func (s *seen) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	paths := s.paths
	s.paths = nil
	return paths
}

// sendRaw sends bytes on a connection of their own and returns the statuses of
// the answers until the server closes.
func sendRaw(t *testing.T, c net.Conn, raw string) (statuses []int) {
	t.Helper()
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	go func() { _, _ = io.WriteString(c, raw) }() // the server may close before the end
	for answers := bufio.NewReader(c); ; {
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return statuses
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		statuses = append(statuses, answer.StatusCode)
	}
}

func dial(t *testing.T, url string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ★ A request that a proxy may take for another number of requests is refused,
// or the last one of its connection: what hides behind it is never seen.
func TestSmuggling(t *testing.T) {
	cfg := DefaultConfig()
	cfg.ReadTimeout, cfg.IdleTimeout = 300*time.Millisecond, 300*time.Millisecond
	handler := &seen{}
	url, _ := start(t, cfg, handler.ServeHTTP, slog.New(slog.DiscardHandler))
	for _, a := range smuggling.Attacks() {
		t.Run(a.Name, func(t *testing.T) {
			statuses := sendRaw(t, dial(t, url), a.Raw)
			paths := handler.take()
			if strings.Contains(strings.Join(paths, " "), smuggling.Second) {
				t.Errorf("the hidden request was seen: %v, answers %v", paths, statuses)
			}
			if len(statuses) != 1 || !a.Lone && (len(paths) > 0 || statuses[0] < 400) {
				t.Errorf("handler saw %v, answers %v", paths, statuses)
			}
		})
	}
}

// Requests that are what they say may share a connection.
func TestPipelined(t *testing.T) {
	cfg := DefaultConfig()
	cfg.IdleTimeout = 200 * time.Millisecond
	handler := &seen{}
	url, _ := start(t, cfg, handler.ServeHTTP, slog.New(slog.DiscardHandler))
	one := "POST /first HTTP/1.1\r\nHost: brume.example\r\nContent-Length: 1\r\n\r\nx"
	if got := sendRaw(t, dial(t, url), one+one); len(got) != 2 || got[0] != 200 || got[1] != 200 {
		t.Errorf("answers %v", got)
	}
}
