package anonymize

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"brume/anonymize/budget"
	"brume/anonymize/cohort"
	"brume/anonymize/exact"
	"brume/anonymize/gate"
	"brume/anonymize/keys"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/event"
	"brume/schemas/event/keyring"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

const schoolYear = "2026-2027"

func TestMain(m *testing.M) { testenv.Main(m) }

// site is a broker with every topic, a key directory, a school year, and what
// ingest and the operator need to write to its log.
type site struct {
	t          testing.TB
	cfg        kafka.Config
	client     *kafka.Client
	partitions int
	dir        string // key directory
	releases   string // keys of this ledger's releases
	plan       *policy.Plan
	registry   *registry.Registry
	pin        memory
	writer
}

// memory remembers a ledger's head as long as the test runs.
type memory struct {
	mu  sync.Mutex
	pin ledger.Pin
}

func (m *memory) Load() (ledger.Pin, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pin, nil
}

func (m *memory) Store(p ledger.Pin) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pin = p
	return nil
}

func keyDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := keys.Init(dir, []string{schoolYear}, time.Now()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func newSite(t testing.TB, cfg kafka.Config, partitions int) *site {
	t.Helper()
	p, err := policy.Default(schoolYear)
	if err != nil {
		t.Fatal(err)
	}
	p.Families = p.Families[:3] // by week: half-terms and streams have tests of their own
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{
		t: t, cfg: cfg, partitions: partitions, dir: keyDir(t), releases: filepath.Join(t.TempDir(), "releases"),
		plan: plan, registry: registry.Demonstration(1),
	}
	s.client = s.connect()
	s.check(s.client.EnsureTopics(s.ctx(), allTopics(partitions)))
	s.writer = s.newWriter(time.Now)
	return s
}

func allTopics(partitions int) (all []kafka.Topic) {
	for _, spec := range topics.All() {
		n := 1
		if spec.Partitioned {
			n = partitions
		}
		all = append(all, kafka.Topic{Name: spec.Name, Partitions: n, Compact: spec.Compact, Retention: spec.Retention})
	}
	return all
}

func (s *site) connect() *kafka.Client {
	c := kafka.New(s.cfg, testenv.Log(s.t))
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (s *site) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	s.t.Cleanup(cancel)
	return ctx
}

func (s *site) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) store() *keys.Store {
	s.t.Helper()
	store, err := keys.Open(s.dir)
	s.check(err)
	s.check(store.ReleasesIn(s.releases))
	return store
}

// year prepares the school year for folding, with the key of this site.
func (s *site) year() *cohort.Year {
	s.t.Helper()
	return s.yearOf(s.plan, s.registry)
}

func (s *site) yearOf(plan *policy.Plan, reg *registry.Registry) *cohort.Year {
	s.t.Helper()
	key, err := s.store().Pseudonym(schoolYear)
	s.check(err)
	y, err := cohort.NewYear(plan, reg, key)
	s.check(err)
	return y
}

func (s *site) facts() ledger.Facts {
	s.t.Helper()
	routing, err1 := s.store().RoutingID()
	pseudonym, err2 := s.store().PseudonymID(schoolYear)
	s.check(errors.Join(err1, err2))
	return ledger.Facts{Partitions: s.partitions, Routing: routing, Pseudonym: pseudonym, Hash: "HMAC-SHA256"}
}

// instance is one running service with a client of its own.
type instance struct {
	*Service
	client *kafka.Client
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // after ended
}

// secrets are the service's keys; asked is called before a release's key is
// given.
type secrets struct {
	store *keys.Store
	wrap  exact.AEAD
	asked func()
}

func (k secrets) State(year string) (exact.AEAD, error) {
	if year == "" {
		return k.wrap, nil
	}
	return k.store.Cohort(year)
}

func (k secrets) ReleaseKey(id string) (exact.AEAD, error) {
	k.asked()
	return k.store.ReleaseKey(id)
}

// build puts a service together as the program does; change may alter it.
func (s *site) build(client *kafka.Client, change func(*Service)) *Service {
	s.t.Helper()
	store := s.store()
	shared, err1 := store.Gate()
	verifier, err2 := store.ControlVerifier()
	s.check(errors.Join(err1, err2))
	service := New(Config{Group: "anonymize", SnapshotEvery: 100 * time.Millisecond}, Deps{
		Kafka: client, Keys: secrets{store, shared.AEAD(), func() {}}, Opener: event.NewOpener(store), Control: verifier,
		Env: cohort.Env{schoolYear: s.year()}, Log: testenv.Log(s.t), Now: time.Now,
		Gate: func() *gate.Gate { return s.gate(client, s.facts()) },
	})
	if change != nil {
		change(service)
	}
	return service
}

// gate returns a fresh gate over the site's ledger.
func (s *site) gate(client *kafka.Client, facts ledger.Facts) *gate.Gate {
	s.t.Helper()
	store := s.store()
	shared, err1 := store.Gate()
	signer, err2 := store.LedgerSigner()
	s.check(errors.Join(err1, err2))
	book := budget.NewBook(s.follower(client), func(ctx context.Context, value []byte) error {
		return client.Produce(ctx, topics.Ledger, 0, value)
	}, signer, time.Now)
	return gate.New(client, shared, book, []gate.Year{{Plan: s.plan, Registry: s.registry, Facts: facts}}, testenv.Log(s.t))
}

func (s *site) follower(client *kafka.Client) *ledger.Follower {
	s.t.Helper()
	verifier, err := keyring.LedgerVerifier(s.dir)
	s.check(err)
	return ledger.NewFollower(func(ctx context.Context, from int64, fn func([]byte) error) (int64, error) {
		return client.ReadAll(ctx, topics.Ledger, 0, from, func(r kafka.Record) error { return fn(r.Value) })
	}, verifier, &s.pin)
}

// start runs an instance until stop or kill, or the end of the test.
func (s *site) start(change func(*Service)) *instance {
	s.t.Helper()
	i := &instance{client: s.connect(), ended: make(chan struct{})}
	i.Service = s.build(i.client, change)
	ctx, cancel := context.WithCancel(context.Background())
	i.cancel = cancel
	go func() {
		defer close(i.ended)
		i.err = i.Run(ctx)
	}()
	s.t.Cleanup(func() { _ = i.stop() })
	return i
}

// stop ends the instance as a signal does: it drains.
func (i *instance) stop() error {
	i.cancel()
	<-i.ended
	return i.err
}

// kill ends the instance so that nothing it does from now on becomes durable:
// its client is gone first.
func (i *instance) kill() {
	_ = i.client.Close()
	_ = i.stop()
}

// until waits for something to become true.
func (s *site) until(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(40 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("after 40 s still not: %s", what)
		}
	}
}

// values returns the values of a partition's records.
func (s *site) values(topic string, partition int) (values [][]byte) {
	s.t.Helper()
	first, _, err := s.client.Offsets(s.ctx(), topic, partition)
	s.check(err)
	_, err = s.client.ReadAll(s.ctx(), topic, partition, first, func(r kafka.Record) error {
		values = append(values, r.Value)
		return nil
	})
	s.check(err)
	return values
}

// released waits until the first n windows are public and their keys gone.
func (s *site) released(n int) {
	s.t.Helper()
	store := s.store()
	for _, w := range s.plan.Policy.Windows(policy.Weekly)[:n] {
		id := string(policy.ReleaseID(w))
		s.until("released: "+id, func() bool {
			_, err := store.ReleaseKey(id)
			return errors.Is(err, keys.ErrDestroyed)
		})
	}
}

// inputs returns the digests that the ledger holds of each release's partials.
func (s *site) inputs() map[string]string {
	s.t.Helper()
	f := s.follower(s.client)
	s.check(f.Sync(s.ctx()))
	out := map[string]string{}
	for _, id := range f.Chain.Releases() {
		r, _ := f.Chain.Reserved(id)
		out[id] = fmt.Sprint(r.Inputs)
	}
	return out
}

// gateOf makes gates that believe in other facts.
func gateOf(s *site, client *kafka.Client, facts ledger.Facts) func() *gate.Gate {
	return func() *gate.Gate { return s.gate(client, facts) }
}
