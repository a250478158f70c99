package anonymize

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"brume/anonymize/cohort"
	"brume/anonymize/exact"
	"brume/anonymize/keys"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/internal/testenv/measure"
	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/event/keyring"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// place is all that folding needs, with real keys.
type place struct {
	store  *keys.Store
	ingest *keyring.Ingest
	year   *cohort.Year
	start  time.Time // of the second week, in session everywhere
}

func newPlace(b *testing.B, schools int) *place {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "keys")
	policy, err := policy.Default(schoolYear)
	check(b, err)
	plan, err := policy.Plan()
	check(b, err)
	check(b, keys.Init(dir, []string{schoolYear}, time.Now()))
	p := &place{}
	p.store, err = keys.Open(dir)
	check(b, err)
	p.ingest, err = keyring.OpenIngest(dir)
	check(b, err)
	key, err := p.store.Pseudonym(schoolYear)
	check(b, err)
	p.year, err = cohort.NewYear(plan, measure.Nation(schools), key)
	check(b, err)
	p.start = policy.Windows("week")[1].Start
	return p
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// partition has the year open and nothing folded.
func (p *place) partition(b *testing.B) *cohort.Partition {
	b.Helper()
	c := cohort.NewPartition(cohort.Env{schoolYear: p.year})
	_, err := c.Control(control.Record{Kind: control.Config, Year: schoolYear, FoldVersion: cohort.FoldVersion,
		PolicyHash: p.year.Plan.PolicyHash, RegistryHash: p.year.Registry.Hash()})
	check(b, err)
	return c
}

// event is the i-th statement of one of the pupils, each of whom has one in
// every round.
func (p *place) event(i, pupils int) event.Event {
	pupil, reg := i%pupils, p.year.Registry
	return event.Event{
		Actor: event.NewActor("account:https://ent.lyon.example|" + strconv.Itoa(1e9+pupil)), Scope: "https://ent.lyon.example",
		Publisher: 1, School: reg.Schools[pupil%len(reg.Schools)].UAI, Level: uint8(1 + pupil%7),
		Subject: uint8(1 + (i+i/pupils)%8), Tool: uint16(1 + i%4), // more subjects than count
		Kind: event.Answered, Outcome: event.Outcome(i % 3), Score: 500, Duration: 60,
		Hour: event.Hour(p.start) + int32(i%100), Received: p.start.Unix(),
		Fingerprint: p.ingest.Fingerprint(1, strconv.Itoa(i)),
	}
}

const (
	foldPupils     = 50_000
	foldStatements = 500_000
	hours          = 72
)

// BenchmarkRowFold opens, pseudonymises and folds sealed statements, each
// once, that came over 72 hours; the reference is what cannot be left out.
func BenchmarkRowFold(b *testing.B) {
	p := newPlace(b, 600)
	records := make([][]byte, foldStatements)
	sealer := event.NewSealer(p.ingest.Sealing, time.Now)
	var size int
	for i := range records {
		e := p.event(i, foldPupils)
		record, err := sealer.Seal(&e, 0)
		check(b, err)
		records[i], size = record, size+len(record)
	}
	for b.Loop() {
		opener, state := event.NewOpener(p.store), p.partition(b)
		began := measure.CPU()
		for i, record := range records {
			e, err := opener.Open(record, 0)
			check(b, err)
			state.Fold(&e, p.start.Add(time.Duration(i)*hours*time.Hour/foldStatements))
		}
		rate := foldStatements / (measure.CPU() - began).Seconds()
		if n := state.Counts(); n.Folded != foldStatements {
			b.Fatalf("folded %d, dropped %v, %d repeats", n.Folded, n.Dropped, n.Duplicates)
		}
		parts := p.unavoidable()
		parts[measure.Result] = rate
		parts["record-bytes"] = float64(size) / foldStatements
		measure.Report(b, parts)
	}
}

// unavoidable measures the parts of folding one by one, with nothing around
// them, and gives their nanoseconds and the rate that they leave together.
func (p *place) unavoidable() map[string]float64 {
	e := p.event(0, foldPupils)
	plain := e.Append(nil)
	block, _ := aes.NewCipher(make([]byte, 32)) // the length is right
	gcm, _ := cipher.NewGCM(block)
	nonce, aad := make([]byte, gcm.NonceSize()), make([]byte, 92)
	sealed, opened := gcm.Seal(nil, nonce, plain, aad), make([]byte, 0, len(plain))
	mac, sum := hmac.New(sha256.New, make([]byte, 32)), make([]byte, 0, sha256.Size)
	input := []byte(e.Scope + e.Actor.Reveal())
	table, at := make([]uint64, 1<<20), uint64(0)

	const batch = 1000
	all := 0.0
	parts := map[string]float64{}
	for name, fn := range map[string]func(){
		"open-ns":   func() { _, _ = gcm.Open(opened, nonce, sealed, aad) },
		"decode-ns": func() { _, _ = event.Parse(plain) },
		"hmac-ns":   func() { mac.Reset(); _, _ = mac.Write(input); mac.Sum(sum) },
		"probe-ns":  func() { at = (at*6364136223846793005 + 1) >> 3; at += table[at%(1<<20)] },
	} {
		parts[name] = 1e9 / measure.Rate(batch, func() {
			for range batch {
				fn()
			}
		})
		all += parts[name]
	}
	parts["parts"] = 1e9 / all
	return parts
}

// yearKeys are the store's keys as the snapshots ask for them.
type yearKeys struct{ *keys.Store }

func (s yearKeys) State(string) (exact.AEAD, error) { return s.Cohort(schoolYear) }

// snapshotPupils is the size of the snapshot rows.
const snapshotPupils = 200_000

// newSnapshotting returns the snapshots of a partition on an embedded broker.
func newSnapshotting(b *testing.B, p *place) *snapshots {
	b.Helper()
	client := kafka.New(testenv.Kafka(b), slog.New(slog.DiscardHandler))
	b.Cleanup(func() { check(b, client.Close()) })
	check(b, client.EnsureTopics(b.Context(), []kafka.Topic{{Name: topics.Cohorts, Partitions: 1, Compact: true}}))
	service := New(DefaultConfig(), Deps{Kafka: client, Keys: yearKeys{p.store}, Env: cohort.Env{schoolYear: p.year},
		Log: slog.New(slog.DiscardHandler), Now: time.Now})
	return newSnapshots(service, kafka.Assignment{})
}

// BenchmarkRowSnapshot writes a snapshot, sealed and acknowledged.
func BenchmarkRowSnapshot(b *testing.B) { snapshotRows(b, false) }

// BenchmarkRowRestore reads it back and verifies it.
func BenchmarkRowRestore(b *testing.B) { snapshotRows(b, true) }

func snapshotRows(b *testing.B, restore bool) {
	p := newPlace(b, 600)
	s, state := newSnapshotting(b, p), p.partition(b)
	for i := range snapshotPupils {
		e := p.event(i, snapshotPupils)
		state.Fold(&e, p.start)
	}
	state.Advance(snapshotPupils)
	for b.Loop() {
		began := time.Now()
		check(b, s.write(b.Context(), state))
		took := time.Since(began)
		size := sizeOf(b, state)
		disk := onDisk(b, size, restore)
		if restore {
			began = time.Now()
			again, err := s.restore(b.Context())
			check(b, err)
			took = time.Since(began)
			if again.Next() != snapshotPupils {
				b.Fatalf("restored up to %d", again.Next())
			}
		}
		measure.Report(b, map[string]float64{measure.Result: took.Seconds(), "disk": disk, "mb": float64(size) / 1e6})
	}
}

func sizeOf(b *testing.B, state *cohort.Partition) int {
	b.Helper()
	s, err := state.Snapshot()
	check(b, err)
	size := len(s.Common)
	for _, section := range s.Years {
		size += len(section)
	}
	return size
}

// onDisk is how long it takes to write so many bytes to a file and have them
// on disk, or to read them.
func onDisk(b *testing.B, size int, read bool) float64 {
	b.Helper()
	path := filepath.Join(b.TempDir(), "state")
	began := time.Now()
	f, err := os.Create(path)
	check(b, err)
	_, err = f.Write(make([]byte, size))
	check(b, err)
	check(b, f.Sync())
	check(b, f.Close())
	if read {
		began = time.Now()
		_, err = os.ReadFile(path)
		check(b, err)
	}
	return time.Since(began).Seconds()
}
