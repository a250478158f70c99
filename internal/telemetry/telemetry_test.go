package telemetry

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestLogWithholdsUnknownKeys(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var b strings.Builder
		log, err := NewLogger(&b, LogConfig{Level: "info", Format: format}, "colour")
		if err != nil {
			t.Fatal(err)
		}
		log.With("actor", "canary-1").WithGroup("g").Info("sent", "partition", 3, "colour", "blue", "mbox", "canary-2")
		out := b.String()
		if strings.Contains(out, "canary") || !strings.Contains(out, "blue") || !strings.Contains(out, "sent") {
			t.Errorf("%s: %s", format, out)
		}
		if log.Withheld() != 2 {
			t.Errorf("%s: withheld %d, want 2", format, log.Withheld())
		}
		reg := NewMetrics()
		if err := log.Register(reg); err != nil {
			t.Fatal(err)
		}
		rec := httptest.NewRecorder()
		Handler(reg, &Health{}).ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
		if !strings.Contains(rec.Body.String(), "brume_log_withheld_total 2") {
			t.Errorf("%s: metric is missing", format)
		}
	}
}

func TestLogConfigReportsEveryFault(t *testing.T) {
	err := LogConfig{Level: "loud", Format: "xml"}.Validate()
	if err == nil || !strings.Contains(err.Error(), "loud") || !strings.Contains(err.Error(), "xml") {
		t.Errorf("got %v", err)
	}
	if err := DefaultLogConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestHealthPages(t *testing.T) {
	var h Health
	get := func(path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		Handler(NewMetrics(), &h).ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		return rec
	}
	if rec := get("/readyz"); rec.Code != http.StatusOK {
		t.Errorf("ready without checks: %d", rec.Code)
	}
	h.Add("kafka", func() error { return errors.New("no broker") })
	h.Add("clickhouse", func() error { return errors.New("away") })
	rec := get("/readyz")
	if want := "clickhouse: away\nkafka: no broker\n"; rec.Code != http.StatusServiceUnavailable || rec.Body.String() != want {
		t.Errorf("got %d %q, want 503 %q", rec.Code, rec.Body, want)
	}
	if rec := get("/healthz"); rec.Code != http.StatusOK {
		t.Errorf("alive: %d", rec.Code)
	}
}
