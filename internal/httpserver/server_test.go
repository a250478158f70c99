package httpserver

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

func start(t *testing.T, cfg Config, handler http.HandlerFunc, log *slog.Logger) (url string, stop func() error) {
	t.Helper()
	cfg.Listen = "127.0.0.1:0"
	s := New(cfg, handler, log)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stopped := false
	stop = func() error {
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		if !stopped {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
	})
	return "http://" + s.Addr(), stop
}

func TestDrain(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	url, stop := start(t, DefaultConfig(), func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "whole")
	}, slog.New(slog.DiscardHandler))
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get(url)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		answer <- string(text)
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(release)
	if got := <-answer; got != "whole" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestDrainHasAnEnd(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Drain = 20 * time.Millisecond
	entered := make(chan struct{})
	url, stop := start(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	}, slog.New(slog.DiscardHandler))
	go func() {
		if resp, err := http.Get(url); err == nil {
			resp.Body.Close()
		}
	}()
	<-entered
	if err := stop(); err == nil {
		t.Error("a request that never ends drains")
	}
}

func TestPanicIsNotQuoted(t *testing.T) {
	var log bytes.Buffer
	url, stop := start(t, DefaultConfig(), func(http.ResponseWriter, *http.Request) {
		panic("CANARY")
	}, slog.New(slog.NewTextHandler(&log, nil)))
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusInternalServerError || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got %d %v", resp.StatusCode, resp.Header)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Contains(text, "CANARY") || !strings.Contains(text, "handler panicked") {
		t.Errorf("logged: %s", text)
	}
}

func TestLimits(t *testing.T) {
	cfg := DefaultConfig()
	cfg.HeaderBytes = 1 << 10
	url, _ := start(t, cfg, func(http.ResponseWriter, *http.Request) {}, slog.New(slog.DiscardHandler))
	req, _ := http.NewRequest(http.MethodGet, url, nil)
	req.Header.Set("X-Long", strings.Repeat("x", 16<<10))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a long header gets %d", resp.StatusCode)
	}
}

func TestConfigFaults(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	err := Config{Listen: "nowhere"}.Validate()
	for _, want := range []string{"listen", "header_timeout", "read_timeout", "write_timeout", "idle_timeout", "drain", "header_bytes"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("does not say %s: %v", want, err)
		}
	}
}
