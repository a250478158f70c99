package portal_test

import (
	"context"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"brume/ingest"
	"brume/ingest/publishers"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/event"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// publicKey seals so that nobody here can open it.
type publicKey event.PublicKey

func (k publicKey) Current(time.Time) (event.PublicKey, error) { return event.PublicKey(k), nil }

func sealing(t *testing.T) publicKey {
	t.Helper()
	handle, err := keyset.NewHandle(hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Raw_Key_Template())
	check(t, err)
	public, err := handle.Public()
	check(t, err)
	wrap, err := hybrid.NewHybridEncrypt(public)
	check(t, err)
	now := time.Now()
	return publicKey{Hour: event.Hour(now), NotAfter: now.Add(time.Hour), Wrap: wrap}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func digest(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}

// site is a running endpoint with two publishers.
type site struct {
	*testing.T
	server              *ingest.Server
	kafka               *kafka.Client
	url                 string
	one, other, sandbox publishers.Issued // keys: of calcul, of orthographe, of calcul again
}

// newSite runs until the test ends. Counts reach the topic quality at once.
func newSite(t *testing.T, edit func(*ingest.Config)) *site {
	t.Helper()
	client := kafka.New(testenv.Kafka(t), testenv.Log(t))
	t.Cleanup(func() { _ = client.Close() })
	check(t, client.EnsureTopics(t.Context(), []kafka.Topic{
		{Name: topics.Statements, Partitions: 2}, {Name: topics.Quality, Partitions: 1}, {Name: topics.Publishers, Partitions: 1, Compact: true},
	}))
	s := &site{T: t, kafka: client}
	admin := publishers.NewAdmin(client, time.Now)
	var err error
	s.one, err = admin.Register(t.Context(), "calcul", publishers.Source{Name: "generic"}, publishers.Grant{})
	check(t, err)
	s.sandbox, err = admin.Give(t.Context(), "calcul", publishers.Grant{Sandbox: true})
	check(t, err)
	s.other, err = admin.Register(t.Context(), "orthographe", publishers.Source{Name: "generic"}, publishers.Grant{})
	check(t, err)

	store := publishers.NewStore(publishers.Deps{Kafka: client, Registry: registry.Demonstration(1), Log: testenv.Log(t)})
	s.server = s.endpoint(store, edit)
	s.run(store.Run)
	s.run(s.server.Run)
	web := httptest.NewServer(s.server.Handler())
	t.Cleanup(web.Close)
	s.url = web.URL
	s.eventually("publishers known", func() bool {
		status, _, _ := s.get("/publishers/quality.json", s.other)
		return status == http.StatusOK
	})
	return s
}

// endpoint is a server that does not run yet.
func (s *site) endpoint(store *publishers.Store, edit func(*ingest.Config)) *ingest.Server {
	s.Helper()
	cfg := ingest.DefaultConfig()
	cfg.Partitions, cfg.Quality = 2, 20*time.Millisecond
	if edit != nil {
		edit(&cfg)
	}
	server, err := ingest.New(cfg, ingest.Deps{
		Producer: s.kafka, Sealer: event.NewSealer(sealing(s.T), time.Now), Registry: registry.Demonstration(1), Publishers: store, Quality: s.kafka, Log: testenv.Log(s),
		Routing:     func(actor string, n int) int { return int(digest(actor) % uint64(n)) },
		Fingerprint: func(_ uint16, id string) uint64 { return digest(id) },
	})
	check(s.T, err)
	return server
}

// stranger is a server that never learns who the publishers are.
func (s *site) stranger() *ingest.Server {
	return s.endpoint(publishers.NewStore(publishers.Deps{Kafka: s.kafka, Log: testenv.Log(s)}), nil)
}

func (s *site) run(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	s.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			s.Error(err)
		}
	})
}

func (s *site) eventually(what string, ok func() bool) {
	s.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("%s: not within twenty seconds", what)
		}
	}
}

// ask sends a request with a key, none when it is zero.
func (s *site) ask(method, path, body string, key publishers.Issued, header ...string) (status int, h http.Header, text string) {
	s.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	check(s.T, err)
	if key.Secret != "" {
		r.SetBasicAuth(key.Key.ID, key.Secret)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	check(s.T, err)
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	check(s.T, err)
	return answer.StatusCode, answer.Header, string(all)
}

func (s *site) get(path string, key publishers.Issued) (int, http.Header, string) {
	s.Helper()
	return s.ask(http.MethodGet, path, "", key)
}

func (s *site) post(body string, key publishers.Issued) (int, http.Header, string) {
	s.Helper()
	return s.ask(http.MethodPost, "/xapi/statements", body, key, "Content-Type", "application/json", "X-Experience-API-Version", "1.0.3")
}

const statement = `{"actor":{"account":{"homePage":"https://ent.example","name":"zyxcanaryzyx"}},"verb":{"id":"http://adlnet.gov/expapi/verbs/answered"},` +
	`"object":{"id":"https://calcul.example/exercise/12"},"context":{"extensions":{"https://brume.example/xapi/extensions/uai":"0139101X"}}}`
