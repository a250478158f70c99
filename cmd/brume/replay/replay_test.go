package replay

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"brume/internal/testenv"

	"github.com/google/go-cmp/cmp"
)

func replayConfig(p *peer, file string) Config {
	cfg := DefaultConfig()
	cfg.Sender = p.config()
	cfg.Sender.Connections = 1 // so that the order can be seen
	cfg.File = file
	cfg.SaveEvery = 0
	return cfg
}

func TestReplaysInTimeOrder(t *testing.T) {
	var ordered, reversed []string
	for i := range 320 {
		ordered = append(ordered, good(i))
	}
	reversed = slices.Clone(ordered)
	slices.Reverse(reversed)
	mess := append(slices.Clone(reversed), "", "not json", `["array"]`, `{"cut":`)
	for _, tc := range []struct {
		name       string
		lines      []string
		limit      int64
		unreadable int64
		err        error
	}{
		{"plain.ndjson", mess, 0, 3, nil},
		{"held.ndjson.gz", mess, 1 << 20, 3, nil},
		{"held.ndjson.zst", mess, 1 << 20, 3, nil},
		{"streamed.ndjson.gz", ordered, 100, 0, nil},
		{"streamed.ndjson.zst", ordered, 100, 0, nil},
		{"large.ndjson.gz", mess, 100, 3, ErrTooLarge},
	} {
		p := newPeer(t)
		cfg := replayConfig(p, write(t, tc.name, tc.lines))
		cfg.MemoryLimit = tc.limit
		var last Progress
		cfg.Progress = func(p Progress) { last = p }
		got, err := Run(background, cfg)
		if !errors.Is(err, tc.err) {
			t.Errorf("%s: %v", tc.name, err)
		}
		if tc.err != nil {
			continue
		}
		if d := cmp.Diff(got, Result{Sent: 320, Acknowledged: 320, Unreadable: tc.unreadable}); d != "" {
			t.Errorf("%s (-got, +want):\n%s", tc.name, d)
		}
		if !slices.IsSorted(p.order) || len(p.order) != 320 || last != (Progress{320, 320}) {
			t.Errorf("%s: %d statements, sorted %v, progress %+v", tc.name, len(p.order), slices.IsSorted(p.order), last)
		}
	}
}

// TestResumesAfterInterruption interrupts a replay again and again, each time
// after enough requests to settle a batch on every connection; the counts are
// those of one run.
func TestResumesAfterInterruption(t *testing.T) {
	var statements []string
	for i := range 1200 {
		if i%100 == 50 {
			statements = append(statements, bad(i))
			continue
		}
		statements = append(statements, good(i))
	}
	p := newPeer(t)
	cfg := replayConfig(p, write(t, "file.ndjson.gz", statements))
	cfg.State = filepath.Join(t.TempDir(), "state.json")
	cfg.Sender.Connections = 4
	var got Result
	var err error
	runs := 0
	for ; runs < 50; runs++ {
		ctx, cancel := context.WithCancel(background)
		p.mu.Lock()
		until := p.request + 60
		p.trouble = func(n int, _ http.ResponseWriter, store func()) bool {
			if n == until {
				cancel()
			}
			return false
		}
		p.mu.Unlock()
		got, err = Run(ctx, cfg)
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if runs < 2 || runs == 50 {
		t.Errorf("%d interruptions", runs)
	}
	if d := cmp.Diff(got, Result{Sent: 1200, Acknowledged: 1188, Refused: 12, RefusedByCode: map[string]int64{"verb-missing": 12}}); d != "" {
		t.Errorf("(-got, +want):\n%s", d)
	}
	if len(p.stored) != 1188 {
		t.Errorf("%d statements stored", len(p.stored))
	}
	before := p.request
	if again, err := Run(background, cfg); err != nil || again.Sent != 1200 || p.request != before {
		t.Errorf("a finished replay: %+v, %v, %d requests", again, err, p.request-before)
	}
	state, err := os.ReadFile(cfg.State)
	if err != nil || strings.Contains(string(state), "s000") || len(state) > 400 {
		t.Errorf("state: %s, %v", state, err)
	}
	cfg.File = write(t, "other.ndjson", statements[:7])
	if _, err := Run(background, cfg); !errors.Is(err, ErrOtherFile) {
		t.Errorf("another file: %v", err)
	}
}

// TestRealStatements replays the recorded file of a public MOOC platform.
func TestRealStatements(t *testing.T) {
	file := testenv.Data(t, "fun-mooc-22000.ndjson.gz")
	p := newPeer(t)
	cfg := replayConfig(p, file)
	cfg.Sender.Connections = 4
	got, err := Run(background, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got, Result{Sent: 22000, Acknowledged: 22000}); d != "" {
		t.Errorf("(-got, +want):\n%s", d)
	}
}
