package replay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var background = context.Background()

func TestRefusedStatementsAreIsolated(t *testing.T) {
	halved := isolate(t, newPeer(t))
	named := newPeer(t)
	named.names = true
	if n := isolate(t, named); n > 60 || n >= halved {
		t.Errorf("%d requests when the endpoint names the faults, %d when it does not", n, halved)
	}
}

// isolate sends 1003 statements, some of them at fault, and returns the number
// of requests.
func isolate(t *testing.T, p *peer) int {
	s, _ := p.sender(p.config())
	want := Result{Sent: 1003, RefusedByCode: map[string]int64{"verb-missing": 0, "json": 1}}
	for i := range 1002 {
		line := good(i)
		if i%97 == 5 || i == 1001 {
			line = bad(i)
			want.RefusedByCode["verb-missing"]++
		}
		if err := s.Send(background, []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Send(background, []byte(`{"id":"dup","id":"dup","verb":{}}`)); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(background); err != nil {
		t.Fatal(err)
	}
	want.Refused = want.RefusedByCode["verb-missing"] + 1
	want.Acknowledged = want.Sent - want.Refused
	if d := cmp.Diff(s.Counts(), want); d != "" {
		t.Errorf("(-got, +want):\n%s", d)
	}
	if int64(len(p.stored)) != want.Acknowledged {
		t.Errorf("%d statements stored, want %d", len(p.stored), want.Acknowledged)
	}
	for id, n := range p.stored {
		if n != 1 {
			t.Errorf("%s stored %d times", id, n)
		}
	}
	return p.request
}

// TestUnavailableEndpoint: 503 and 429 store nothing; a connection is cut
// before the statements are stored, another one after.
func TestUnavailableEndpoint(t *testing.T) {
	p := newPeer(t)
	p.trouble = func(n int, w http.ResponseWriter, store func()) bool {
		switch n {
		case 1, 2:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusServiceUnavailable)
		case 4:
			w.WriteHeader(http.StatusTooManyRequests)
		case 5:
			panic(http.ErrAbortHandler)
		case 7:
			store()
			panic(http.ErrAbortHandler)
		default:
			return false
		}
		return true
	}
	cfg := p.config()
	cfg.Connections = 1
	s, waits := p.sender(cfg)
	for i := range 200 {
		if err := s.Send(background, []byte(good(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(background); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s.Counts(), Result{Sent: 200, Acknowledged: 200, Resent: 250}); d != "" {
		t.Errorf("(-got, +want):\n%s", d)
	}
	if len(p.stored) != 200 {
		t.Errorf("%d statements stored, want 200", len(p.stored))
	}
	if len(*waits) != 5 || (*waits)[0] != 7*time.Second || (*waits)[1] != 7*time.Second || (*waits)[2] >= time.Second {
		t.Errorf("waited %v, want 7s 7s and three short ones", *waits)
	}
}

func TestPatienceEnds(t *testing.T) {
	p := newPeer(t)
	p.trouble = func(_ int, w http.ResponseWriter, _ func()) bool {
		w.Header().Set("Retry-After", "20")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	cfg := p.config()
	cfg.Patience = time.Minute
	s, waits := p.sender(cfg)
	if err := s.Send(background, []byte(good(1))); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(background); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("got %v, want 503", err)
	}
	if len(*waits) != 3 || s.Counts().Sent != 0 {
		t.Errorf("waited %v, counts %+v", *waits, s.Counts())
	}
}

func TestWrongSecretEndsAtOnce(t *testing.T) {
	p := newPeer(t)
	cfg := p.config()
	cfg.Secret = "canary"
	s, _ := p.sender(cfg)
	err := s.Send(background, []byte(good(1)))
	err = errors.Join(err, s.Flush(background))
	if !errors.Is(err, ErrRejected) || strings.Contains(err.Error(), "canary") || p.request != 1 {
		t.Errorf("got %v after %d requests", err, p.request)
	}
	if err := s.Send(background, make([][]byte, 50)...); !errors.Is(err, ErrRejected) {
		t.Errorf("sending after a failure: %v", err)
	}
}

func TestSettledGrowsWithoutGaps(t *testing.T) {
	p := newPeer(t)
	cfg := p.config()
	var positions []int64
	cfg.Settled = func(position int64, r Result) {
		if r.Sent != position || r.Acknowledged+r.Refused != r.Sent {
			t.Errorf("position %d with %+v", position, r)
		}
		positions = append(positions, position)
	}
	s, _ := p.sender(cfg)
	for i := range 1010 {
		if err := s.Send(background, []byte(good(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(background); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(positions); i++ {
		if positions[i] <= positions[i-1] {
			t.Errorf("positions %v", positions)
		}
	}
	if positions[len(positions)-1] != 1010 {
		t.Errorf("ends at %d", positions[len(positions)-1])
	}
}

func TestSenderConfigReportsEveryFault(t *testing.T) {
	err := SenderConfig{URL: "ftp://x"}.Validate()
	for _, want := range []string{"ftp://x", "secret", "batch", "connections", "patience"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not reported: %v", want, err)
		}
	}
	if s := fmt.Sprint(err); strings.Contains(s, "%!") {
		t.Error(s)
	}
}
