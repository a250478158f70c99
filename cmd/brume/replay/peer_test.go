package replay

import (
	"compress/gzip"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// peer is an endpoint that speaks the protocol: all of a request or nothing,
// a problem with a code for a statement without verb.
type peer struct {
	t       *testing.T
	url     string
	mu      sync.Mutex
	stored  map[string]int // times each id was accepted
	order   []string
	request int
	names   bool // its problems name the statements at fault
	// trouble, if any, may answer the n-th request itself, before or after the
	// statements are stored.
	trouble func(n int, w http.ResponseWriter, store func()) bool
}

func newPeer(t *testing.T) *peer {
	p := &peer{t: t, stored: map[string]int{}}
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	p.url = srv.URL + "/xapi/"
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Errorf("reading request: %v", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.request++
	if key, secret, _ := r.BasicAuth(); r.URL.Path != "/xapi/statements" || key != "k" || secret != "s" || r.Header.Get("X-Experience-API-Version") == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	statements, code, faulty := read(body)
	store := func() {
		for _, s := range statements {
			p.stored[s.ID]++
			p.order = append(p.order, s.ID)
		}
	}
	if p.trouble != nil && p.trouble(p.request, w, store) {
		return
	}
	if code != "" {
		w.WriteHeader(http.StatusBadRequest)
		if !p.names {
			faulty = "[]"
		}
		fmt.Fprintf(w, `{"type":"about:blank","code":%q,"errors":%s}`, code, faulty)
		return
	}
	store()
	io.WriteString(w, "[]")
}

type minimal struct {
	ID   string         `json:"id"`
	Verb jsontext.Value `json:"verb"`
}

func read(body []byte) (statements []minimal, code, faulty string) {
	err := json.Unmarshal(body, &statements)
	if err != nil {
		statements = make([]minimal, 1)
		err = json.Unmarshal(body, &statements[0])
	}
	if err != nil {
		return nil, "json", "[]"
	}
	var pointers []string
	for i, s := range statements {
		if s.Verb == nil {
			pointers = append(pointers, fmt.Sprintf(`{"pointer":"/%d/verb"}`, i))
		}
	}
	if pointers != nil {
		return nil, "verb-missing", "[" + strings.Join(pointers, ",") + "]"
	}
	return statements, "", ""
}

func (p *peer) config() SenderConfig {
	cfg := DefaultSenderConfig()
	cfg.URL, cfg.Key, cfg.Secret = p.url, "k", "s"
	return cfg
}

// sender does not sleep; it notes what it was asked to wait.
func (p *peer) sender(cfg SenderConfig) (*Sender, *[]time.Duration) {
	s, err := NewSender(cfg)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(s.Close)
	var mu sync.Mutex
	var waits []time.Duration
	s.wait = func(ctx context.Context, d time.Duration) error {
		mu.Lock()
		defer mu.Unlock()
		waits = append(waits, d)
		return ctx.Err()
	}
	return s, &waits
}

func good(i int) string {
	return fmt.Sprintf(`{"id":"s%05d","verb":{},"timestamp":"2026-09-07T08:%02d:%02dZ"}`, i, i/60%60, i%60)
}

func bad(i int) string {
	return fmt.Sprintf(`{"id":"s%05d","timestamp":"2026-09-07T08:%02d:%02dZ"}`, i, i/60%60, i%60)
}

// write makes a file of lines, compressed as its name says.
func write(t *testing.T, name string, lines []string) string {
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := io.WriteCloser(f)
	switch {
	case strings.HasSuffix(name, ".gz"):
		w = gzip.NewWriter(f)
	case strings.HasSuffix(name, ".zst"):
		if w, err = zstd.NewWriter(f); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range lines {
		io.WriteString(w, line+"\n")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
