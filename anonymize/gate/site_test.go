package gate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"brume/anonymize/budget"
	"brume/anonymize/exact"
	"brume/anonymize/keys"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/release"
	"brume/schemas/topics"
)

const (
	schoolYear = "2026-2027"
	partitions = 2
)

func TestMain(m *testing.M) { testenv.Main(m) }

// site is a broker with the gate's topics, a key directory and one school
// year; any number of gates may work on it, one after the other or at once.
type site struct {
	t      testing.TB
	client *kafka.Client
	year   Year
	pin    memory

	dir, releases string // directories of keys: the store's, and the releases'
	store         *keys.Store
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

// keyDir makes a key directory of the test's own.
func keyDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := keys.Init(dir, []string{schoolYear}, time.Now()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// newSite makes the gate's topics under a name of their own. Sites may share a
// key directory: the keys of releases lie apart.
func newSite(t testing.TB, cfg kafka.Config, name, dir string, departments int) *site {
	t.Helper()
	cfg.Prefix += name
	s := &site{t: t, client: kafka.New(cfg, testenv.Log(t)), dir: dir}
	t.Cleanup(func() { _ = s.client.Close() })
	var wanted []kafka.Topic
	for _, topic := range []string{topics.Partials, topics.Drafts, topics.Streams, topics.Ledger, topics.Releases, topics.Loads} {
		wanted = append(wanted, kafka.Topic{Name: topic, Partitions: 1})
	}
	s.check(s.client.EnsureTopics(s.ctx(), wanted))
	s.releases = filepath.Join(t.TempDir(), "releases")
	s.store = s.open(s.releases)
	s.year = newYear(t, s.store, departments)
	return s
}

// open opens the key directory with the keys of releases in another one.
func (s *site) open(releases string) *keys.Store {
	s.t.Helper()
	store, err := keys.Open(s.dir)
	s.check(err)
	s.check(os.MkdirAll(filepath.Dir(releases), 0o700))
	s.check(store.ReleasesIn(releases))
	return store
}

func newYear(t testing.TB, store *keys.Store, departments int) Year {
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
	routing, err1 := store.RoutingID()
	pseudonym, err2 := store.PseudonymID(schoolYear)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return Year{Plan: plan, Registry: registry.Demonstration(departments), Facts: ledger.Facts{
		Partitions: partitions, Routing: routing, Pseudonym: pseudonym, Hash: "HMAC-SHA256",
	}}
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

// window returns a window of the year and the release it becomes.
func (s *site) window(index int) (policy.Window, string) {
	w := s.year.Plan.Policy.Windows(policy.Weekly)[index]
	return w, string(policy.ReleaseID(w))
}

// book returns a fresh book over the ledger, through a log.
func (s *site) book(log Log) *budget.Book {
	s.t.Helper()
	verifier, err1 := s.store.LedgerVerifier()
	signer, err2 := s.store.LedgerSigner()
	s.check(errors.Join(err1, err2))
	follower := ledger.NewFollower(func(ctx context.Context, from int64, fn func([]byte) error) (int64, error) {
		return log.ReadAll(ctx, topics.Ledger, 0, from, func(r kafka.Record) error { return fn(r.Value) })
	}, verifier, &s.pin)
	return budget.NewBook(follower, func(ctx context.Context, value []byte) error {
		return log.Produce(ctx, topics.Ledger, 0, value)
	}, signer, time.Now)
}

// gateKeys are the real keys of gates over the site's store.
func (s *site) gateKeys() *keys.Gate {
	s.t.Helper()
	k, err := s.store.Gate()
	s.check(err)
	return k
}

// gate returns a fresh gate that works through a log and keys.
func (s *site) gate(log Log, k Keys) *Gate {
	return New(log, k, s.book(log), []Year{s.year}, testenv.Log(s.t))
}

// run is a gate's life until nothing is left to do.
func run(ctx context.Context, g *Gate) error {
	if err := g.Start(ctx); err != nil {
		return err
	}
	return g.Step(ctx)
}

// amount is what partition p adds to a cell of every window in these tests.
func amount(p, cell int) int64 { return int64((13*p + 7*cell) % 90) }

// partial rests one partition's exact sums, shifted, as its cohort would.
func (s *site) partial(index, p int, shift int64) {
	s.t.Helper()
	w, id := s.window(index)
	v := exact.New(s.year.Plan.Layout(s.year.Registry, w).Len())
	for cell := range v.Len() {
		s.check(v.Add(cell, amount(p, cell)+shift))
	}
	s.seal(id, PartialName(id, p), v)
}

// seal rests sums under a name.
func (s *site) seal(id, name string, v *exact.Vector) {
	s.t.Helper()
	key, err := s.store.ReleaseKey(id)
	s.check(err)
	sealed, err := v.Seal(key, PartialContext(name, s.year.Plan, s.year.Registry))
	s.check(err)
	s.check(s.client.Produce(s.ctx(), topics.Partials, 0, kafka.SplitBlob(name, sealed)...))
}

// partials rests the partials of every partition.
func (s *site) partials(index int) {
	s.t.Helper()
	for p := range partitions {
		s.partial(index, p, 0)
	}
}

// values returns the records of a topic.
func (s *site) values(topic string) (values [][]byte) {
	s.t.Helper()
	_, err := s.client.ReadAll(s.ctx(), topic, 0, 0, func(r kafka.Record) error {
		values = append(values, r.Value)
		return nil
	})
	s.check(err)
	return values
}

// entries returns the signed records of the ledger, those that stand in the
// chain and those that do not.
func (s *site) entries() (valid, invalid []ledger.Record, chain *ledger.Chain) {
	s.t.Helper()
	verifier, err := s.store.LedgerVerifier()
	s.check(err)
	chain = &ledger.Chain{}
	for _, value := range s.values(topics.Ledger) {
		r, err := ledger.Decode(value, verifier)
		switch {
		case err != nil: // not signed by a gate
		case chain.Apply(r, value) == nil:
			valid = append(valid, r)
		default:
			invalid = append(invalid, r)
		}
	}
	return valid, invalid, chain
}

// payloads returns the distinct payloads of a release in the public topic.
func (s *site) payloads(id string) (distinct [][]byte) {
	s.t.Helper()
	seen := map[ledger.Hash]bool{}
	var a kafka.Assembler
	for _, value := range s.values(topics.Releases) {
		name, payload, complete, err := a.Add(value)
		s.check(err)
		if hash := ledger.Hash(release.Hash(payload)); complete && name == id && !seen[hash] {
			seen[hash] = true
			distinct = append(distinct, payload)
		}
	}
	return distinct
}

// reserved and committed list a release's records among entries.
func reserved(entries []ledger.Record, id string) (out []ledger.Reserved) {
	for _, r := range entries {
		if r.Reserved != nil && r.Reserved.Release == id {
			out = append(out, *r.Reserved)
		}
	}
	return out
}

func committed(entries []ledger.Record, id string) (out []ledger.Committed) {
	for _, r := range entries {
		if r.Committed != nil && r.Committed.Release == id {
			out = append(out, *r.Committed)
		}
	}
	return out
}

// oneValue requires all that must hold of a window that was released,
// whatever happened on the way: one charge, one commitment, one value with
// every planned cell, and no key left.
func (s *site) oneValue(index int) *release.Release {
	s.t.Helper()
	w, id := s.window(index)
	valid, _, chain := s.entries()
	reservations, commitments, values := reserved(valid, id), committed(valid, id), s.payloads(id)
	if len(reservations) != 1 || len(commitments) != 1 || len(values) != 1 {
		s.t.Fatalf("%s: %d reservations, %d commitments, %d values; want one of each",
			id, len(reservations), len(commitments), len(values))
	}
	if got := ledger.Hash(release.Hash(values[0])); got != commitments[0].Payload {
		s.t.Fatalf("%s: the public value is not the committed one", id)
	}
	s.oneCharge(chain)
	if _, err := s.store.ReleaseKey(id); !errors.Is(err, keys.ErrDestroyed) {
		s.t.Errorf("%s: the key of its partials and drafts: got %v, want ErrDestroyed", id, err)
	}
	r, err := release.Decode(values[0], release.Hash(values[0]))
	s.check(err)
	planned := s.year.Plan.Cells(s.year.Registry, w)
	if !slices.EqualFunc(r.Cells, planned, func(got, want release.Cell) bool {
		got.Value = 0
		return got == want
	}) {
		s.t.Errorf("%s: %d cells, not the %d planned ones", id, len(r.Cells), len(planned))
	}
	return r
}

// oneCharge requires that each reserved window is charged its cost once.
func (s *site) oneCharge(chain *ledger.Chain) {
	s.t.Helper()
	want := map[string]int64{}
	for _, w := range s.year.Plan.Policy.Windows(policy.Weekly) {
		if _, ok := chain.Reserved(string(policy.ReleaseID(w))); !ok {
			continue
		}
		for _, c := range budget.Costs(s.year.Plan, w) {
			want[c.Zone] += c.Nano
		}
	}
	got := chain.SpentByZone(schoolYear)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("spent %v, want one charge for each release: %v", got, want)
	}
}
