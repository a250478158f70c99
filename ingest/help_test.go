package ingest

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json/v2"
	"hash/fnv"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/ingest/publishers"
	"brume/internal/testenv"
	"brume/schemas/event"
	"brume/schemas/mapping"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func line() int {
	_, _, n, _ := runtime.Caller(1)
	return n
}

var noon = time.Date(2026, 9, 14, 12, 30, 0, 0, time.UTC)

// pair is a sealing key that is valid until the given instant, both halves.
type pair struct {
	public  event.PublicKey
	private tink.HybridDecrypt
}

func newPair(t testing.TB, notAfter time.Time) *pair {
	t.Helper()
	handle, err := keyset.NewHandle(hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Raw_Key_Template())
	if err != nil {
		t.Fatal(err)
	}
	public, err := handle.Public()
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{public: event.PublicKey{Hour: event.Hour(noon), NotAfter: notAfter}}
	if p.public.Wrap, err = hybrid.NewHybridEncrypt(public); err != nil {
		t.Fatal(err)
	}
	if p.private, err = hybrid.NewHybridDecrypt(handle); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pair) Current(time.Time) (event.PublicKey, error)     { return p.public, nil }
func (p *pair) Private(hour int32) (tink.HybridDecrypt, error) { return p.private, nil }

// recorder keeps what is produced, or fails.
type recorder struct {
	mu     sync.Mutex
	values map[string][]record
	before func() error // called before anything is kept
}

func (r *recorder) Produce(ctx context.Context, topic string, partition int, values ...[]byte) error {
	if r.before != nil {
		if err := r.before(); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range values {
		r.values[topic] = append(r.values[topic], record{partition, bytes.Clone(v)})
	}
	return nil
}

func (r *recorder) topic(name string) []record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.values[name]
}

// keyring accepts one key; its publisher is changed by tests.
type keyring struct {
	publisher publishers.Publisher
	err       error
}

func (k *keyring) Ready() error { return k.err }

func (k *keyring) Authenticate(r *http.Request) (publishers.Publisher, error) {
	key, secret, _ := r.BasicAuth()
	if k.err != nil {
		return publishers.Publisher{}, k.err
	}
	if key != "key" || secret != "secret" {
		return publishers.Publisher{}, publishers.ErrDenied
	}
	return k.publisher, nil
}

func shipped(t testing.TB, name string) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Shipped(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// endpoint is a server with everything that a test looks at.
type endpoint struct {
	*Server
	out     *recorder
	keys    *keyring
	pair    *pair
	log     *bytes.Buffer
	metrics *prometheus.Registry
}

func newEndpoint(t testing.TB, edit func(*Config, *Deps)) *endpoint {
	t.Helper()
	e := &endpoint{out: &recorder{values: map[string][]record{}}, log: &bytes.Buffer{}, metrics: prometheus.NewRegistry(),
		keys: &keyring{publisher: publishers.Publisher{Name: "calcul", Number: 7, Mapping: shipped(t, "generic")}}, pair: newPair(t, noon.Add(time.Hour))}
	now := func() time.Time { return noon }
	cfg := DefaultConfig()
	cfg.Partitions = 4
	deps := Deps{Producer: e.out, Sealer: event.NewSealer(e.pair, now), Routing: routing, Fingerprint: fingerprint, Publishers: e.keys,
		Registry: registry.Demonstration(1), Log: slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Metrics: e.metrics, Now: now}
	if edit != nil {
		edit(&cfg, &deps)
	}
	var err error
	if e.Server, err = New(cfg, deps); err != nil {
		t.Fatal(err)
	}
	return e
}

func digest(parts ...[]byte) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write(p)
	}
	return h.Sum64()
}

func routing(actor string, n int) int { return int(digest([]byte(actor)) % uint64(n)) }

func fingerprint(publisher uint16, id string) uint64 {
	return digest(binary.BigEndian.AppendUint16(nil, publisher), []byte(id))
}

// send sends a request with good headers, edited.
func (e *endpoint) send(method, url, body string, edit func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.SetBasicAuth("key", "secret")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(versionHeader, version1)
	if edit != nil {
		edit(r)
	}
	w := httptest.NewRecorder()
	e.Handler().ServeHTTP(w, r)
	return w
}

func (e *endpoint) post(body string) *httptest.ResponseRecorder {
	return e.send(http.MethodPost, "/xapi/statements", body, nil)
}

// code is the problem's code, "" when the answer is none.
func code(w *httptest.ResponseRecorder) string {
	var p struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(w.Body.Bytes(), &p)
	return p.Code
}

func ids(t *testing.T, w *httptest.ResponseRecorder) (list []string) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// opened opens what was produced.
func (e *endpoint) opened(t *testing.T) (events []event.Event) {
	t.Helper()
	o := event.NewOpener(e.pair)
	for _, r := range e.out.topic(topics.Statements) {
		ev, err := o.Open(r.value, r.partition)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, ev)
	}
	return events
}

const someID = "9dc99b37-e920-4a68-a066-917faca28949"

// statement is a valid one of the given pupil; rest is like `,"id":"…"`.
func statement(pupil, rest string) string {
	return `{"actor":{"account":{"homePage":"https://ent.aix.example","name":"` + pupil + `"}},"verb":{"id":"http://adlnet.gov/expapi/verbs/answered"},` +
		`"object":{"id":"https://calcul.example/exercise/12"}` + rest + `}`
}
