package anonymize

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"brume/anonymize/cohort"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/event"
	"brume/schemas/ledger"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// shelf is a site that holds snapshots of partition 0 and nothing else.
type shelf struct {
	*site
	service *Service
}

// newShelf makes a topic of snapshots under a name of its own; all shelves of
// a site share its keys.
func (s *site) newShelf(name string) *shelf {
	s.t.Helper()
	other := &site{
		t: s.t, cfg: s.cfg, partitions: 1, dir: s.dir, releases: s.releases, plan: s.plan, registry: s.registry, writer: s.writer,
	}
	other.cfg.Prefix += name
	other.client = other.connect()
	s.check(other.client.EnsureTopics(s.ctx(), []kafka.Topic{{Name: topics.Cohorts, Partitions: 1, Compact: true}}))
	return &shelf{other, other.build(other.client, nil)}
}

// writer returns a fresh writer of the partition's snapshots in a generation;
// it knows what the shelf holds.
func (s *shelf) writer(generation int32) *snapshots {
	s.t.Helper()
	w := newSnapshots(s.service, kafka.Assignment{Generation: generation})
	_, err := w.restore(s.ctx())
	s.check(err)
	return w
}

// put appends records as they are.
func (s *shelf) put(records ...kafka.Record) {
	s.t.Helper()
	for _, r := range records {
		s.check(s.client.ProduceKeyed(s.ctx(), topics.Cohorts, 0, r.Key, r.Value))
	}
}

func (s *shelf) records() (all []kafka.Record) {
	s.t.Helper()
	_, err := s.client.ReadAll(s.ctx(), topics.Cohorts, 0, 0, func(r kafka.Record) error { all = append(all, r); return nil })
	s.check(err)
	return all
}

// state is a partition as it is at an offset: pupils 0…n-1 were seen.
func (s *site) state(n int, next int64) *cohort.Partition {
	s.t.Helper()
	p := cohort.NewPartition(cohort.Env{schoolYear: s.year()})
	_, err := p.Control(s.configure().control)
	s.check(err)
	for i := range n {
		e := s.eventOf(i, 0, uint64(i))
		e.Subject, e.Outcome = uint8(i%9), event.Success
		p.Fold(e, time.Unix(1790000000, 0))
	}
	p.Advance(next)
	return p
}

func (s *site) bytes(p *cohort.Partition) []byte {
	s.t.Helper()
	snapshot, err := p.Snapshot()
	s.check(err)
	return append(snapshot.Common, snapshot.Years[schoolYear]...)
}

// restored is what a fresh instance would begin with.
func (s *shelf) restored() *cohort.Partition {
	s.t.Helper()
	p, err := newSnapshots(s.service, kafka.Assignment{Generation: 99}).restore(s.ctx())
	s.check(err)
	return p
}

// complete returns the offset of the newest snapshot that the records make
// whole: its manifest stands and was not deleted.
func complete(t testing.TB, records []kafka.Record) (next int64) {
	found := map[string]int64{}
	for _, r := range records {
		id, ok := strings.CutPrefix(string(r.Key), "manifest/")
		var m manifest
		switch {
		case !ok:
		case len(r.Value) == 0:
			delete(found, id)
		case json.Unmarshal(r.Value, &m) != nil:
			t.Fatal("malformed manifest")
		default:
			found[id] = m.Next
		}
	}
	for _, n := range found {
		next = max(next, n)
	}
	return next
}

// ★ A snapshot interrupted at any record, also of its predecessors' deletion,
// leaves an older one that restores byte for byte.
func TestSnapshotInterruptedAtEveryRecord(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 1)
		want := map[int64][]byte{0: s.bytes(cohort.NewPartition(cohort.Env{schoolYear: s.year()}))}
		whole, cut := s.newShelf("whole-"), s.newShelf("cut-")
		w := whole.writer(1)
		for i := range 4 {
			p := s.state(20_000+i, int64(100*(i+1)))
			want[p.Next()] = s.bytes(p)
			s.check(w.write(s.ctx(), p))
		}
		records := whole.records()
		if len(records) < 4*5 {
			t.Fatalf("%d records: the snapshots are not of several chunks", len(records))
		}
		for n, r := range records {
			cut.put(r)
			cut.restoresTo(complete(t, records[:n+1]), want)
		}
		if kept := complete(t, records); kept != 400 {
			t.Errorf("the newest snapshot is of %d, want 400", kept)
		}
	})
}

func (s *shelf) restoresTo(next int64, want map[int64][]byte) {
	s.t.Helper()
	p := s.restored()
	if p.Next() != next {
		s.t.Fatalf("restored the snapshot of %d, want the newest complete one, of %d", p.Next(), next)
	}
	if !bytes.Equal(s.bytes(p), want[next]) {
		s.t.Fatalf("the snapshot of %d is restored to another state", next)
	}
}

// ★ A zombie of an older generation writes and deletes among the snapshots of
// its successor: whatever the order, the newest complete one restores, and
// never none. The orders are seeded.
func TestSnapshotsOfAZombie(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 1)
		base := s.newShelf("base-")
		want := map[int64][]byte{}
		write := func(w *snapshots, next int64) {
			p := s.state(int(next), next)
			want[next] = s.bytes(p)
			s.check(w.write(s.ctx(), p))
		}
		write(base.writer(1), 10)
		before := base.records()
		from := func(name string, generation int32, offsets ...int64) []kafka.Record {
			shelf := s.newShelf(name)
			shelf.put(before...)
			w := shelf.writer(generation)
			for _, next := range offsets {
				write(w, next)
			}
			return shelf.records()[len(before):]
		}
		zombie, successor := from("zombie-", 1, 15, 16, 17), from("successor-", 2, 14, 18, 19)
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, 0))
			merged := slices.Clone(before)
			a, b := zombie, successor
			shelf := s.newShelf(fmt.Sprint("merged-", seed, "-"))
			shelf.put(before...)
			for len(a)+len(b) > 0 {
				from := &a
				if r.IntN(len(a)+len(b)) >= len(a) {
					from = &b
				}
				shelf.put((*from)[0])
				merged, *from = append(merged, (*from)[0]), (*from)[1:]
				next := complete(t, merged)
				if next < 10 {
					t.Fatalf("seed %d: no snapshot is left", seed)
				}
				shelf.restoresTo(next, want)
			}
		}
	})
}

// ★ A snapshot that is damaged is passed over for the older one; when none is
// whole the partition does not begin from nothing.
func TestDamagedSnapshotsAreNotUsed(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 1)
		whole := s.newShelf("whole-")
		w := whole.writer(1)
		older, newer := s.state(20, 100), s.state(30, 200)
		s.check(w.write(s.ctx(), older))
		s.check(w.write(s.ctx(), newer))
		records := whole.records()
		half := len(records) / 2
		for name, damage := range map[string]func([]kafka.Record) []kafka.Record{
			"a flipped byte": func(newest []kafka.Record) []kafka.Record {
				v := newest[1].Value
				v[len(v)-1] ^= 1
				return newest
			},
			"a missing section":        func(newest []kafka.Record) []kafka.Record { return newest[1:] },
			"the older one's section":  func(newest []kafka.Record) []kafka.Record { return s.swapped(newest, records[:half], false) },
			"and its hash in the list": func(newest []kafka.Record) []kafka.Record { return s.swapped(newest, records[:half], true) },
			"a malformed section":      func([]kafka.Record) []kafka.Record { return s.malformed() },
		} {
			t.Run(name, func(t *testing.T) {
				id := ledger.HashOf([]byte(name)).String()[:8]
				one, none := s.newShelf(id+"-"), s.newShelf(id+"-none-")
				newest := damage(clones(records[half:]))
				one.put(append(clones(records[:half]), newest...)...)
				one.restoresTo(100, map[int64][]byte{100: s.bytes(older)})
				none.put(newest...)
				if p, err := newSnapshots(none.service, kafka.Assignment{}).restore(s.ctx()); err == nil {
					t.Errorf("restored %d from nothing whole", p.Next())
				}
			})
		}
	})
}

func clones(records []kafka.Record) []kafka.Record {
	out := slices.Clone(records)
	for i := range out {
		out[i].Value = bytes.Clone(out[i].Value)
	}
	return out
}

// swapped replaces the year's section of a snapshot by another snapshot's,
// under the right name, and in the list of hashes, too, if asked.
func (s *site) swapped(newest, other []kafka.Record, hash bool) []kafka.Record {
	s.t.Helper()
	var a kafka.Assembler
	var m manifest
	s.check(json.Unmarshal(newest[len(newest)-1].Value, &m))
	for _, r := range other {
		name, payload, complete, err := a.Add(r.Value)
		if err != nil || !complete || !strings.HasSuffix(name, "/"+schoolYear) {
			continue
		}
		for i := range newest[:len(newest)-1] {
			if strings.HasPrefix(string(newest[i].Key), m.ID+"/"+schoolYear) {
				newest[i].Value = kafka.SplitBlob(m.ID+"/"+schoolYear, payload)[0]
			}
		}
		if hash {
			m.Sections[schoolYear] = ledger.HashOf(payload)
		}
	}
	value, err := json.Marshal(m)
	s.check(err)
	newest[len(newest)-1].Value = value
	return newest
}

// malformed is a snapshot that opens and means nothing.
func (s *site) malformed() []kafka.Record {
	s.t.Helper()
	shelf := s.newShelf("malformed-")
	w := shelf.writer(3)
	m := manifest{ID: "3-0-x", Next: 300, Sections: map[string]ledger.Hash{}}
	s.check(w.section(s.ctx(), &m, "", []byte(`{"next":`)))
	value, err := json.Marshal(m)
	s.check(err)
	s.check(w.put(s.ctx(), "manifest/"+m.ID, value))
	return shelf.records()
}

// ★ State that was folded under another policy, registry or year is refused,
// not passed over.
func TestSnapshotsOfOtherRulesAreRefused(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 1)
		shelf := s.newShelf("")
		w := shelf.writer(1)
		s.check(w.write(s.ctx(), s.state(5, 100)))
		s.check(w.write(s.ctx(), s.state(6, 200)))
		changed, err := s.plan.Policy.Clone()
		s.check(err)
		changed.Families[0].Share /= 2
		plan, err := changed.Plan()
		s.check(err)
		for name, env := range map[string]cohort.Env{
			"policy":   {schoolYear: s.yearOf(plan, s.registry)},
			"registry": {schoolYear: s.yearOf(s.plan, registry.Demonstration(2))},
			"no year":  {},
		} {
			shelf.service.Env = env
			if _, err := newSnapshots(shelf.service, kafka.Assignment{}).restore(context.Background()); !errors.Is(err, cohort.ErrConfig) {
				t.Errorf("%s: got %v, want cohort.ErrConfig", name, err)
			}
		}
	})
}

// A snapshot opens in its own partition only.
func TestASnapshotOpensInItsPartitionOnly(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 1)
		shelf := s.newShelf("")
		s.check(shelf.writer(1).write(s.ctx(), s.state(5, 100)))
		w := newSnapshots(shelf.service, kafka.Assignment{})
		sealed, err := w.read(s.ctx())
		s.check(err)
		w.assignment.Partition = 1
		if _, err := w.open(w.known[0], sealed); err == nil {
			t.Error("partition 1 opened partition 0's snapshot")
		}
	})
}

// ★ An older snapshot is deleted only once two newer ones were read back and
// opened: one that was written, or found, and is damaged replaces nothing.
func TestASnapshotOutlivesDamagedNewerOnes(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 1)
		whole := s.newShelf("whole-")
		w := whole.writer(1)
		older := s.state(20, 100)
		want := map[int64][]byte{100: s.bytes(older)}
		s.check(w.write(s.ctx(), older))
		s.check(w.write(s.ctx(), s.state(30, 200)))
		records := whole.records()
		half := len(records) / 2
		damaged := clones(records[half:])
		damaged[1].Value[len(damaged[1].Value)-1] ^= 1

		found := s.newShelf("found-")
		found.put(append(clones(records[:half]), damaged...)...)
		w = found.writer(2)
		s.check(w.write(s.ctx(), s.state(40, 300)))
		if ids := w.ids(); len(ids) != 3 {
			t.Errorf("the snapshots of 100 and 300 are the only whole ones, kept: %v", ids)
		}
		s.check(w.write(s.ctx(), s.state(50, 400)))
		if ids := w.ids(); len(ids) != 2 || w.known[0].Next != 300 {
			t.Errorf("after two newer ones, kept: %v", ids)
		}

		lost := s.newShelf("lost-")
		lost.put(clones(records[:half])...)
		w = lost.writer(3)
		lost.put(damaged...)
		if err := w.verify(s.ctx(), id(t, damaged), 0); err == nil {
			t.Error("a damaged snapshot was read back as whole")
		}
		if err := w.verify(s.ctx(), "3-0-none", 0); err == nil {
			t.Error("a snapshot without a manifest was read back as whole")
		}
		lost.restoresTo(100, want)
	})
}

// ids names the snapshots that the writer has not deleted.
func (s *snapshots) ids() (ids []string) {
	for _, m := range s.known {
		ids = append(ids, m.ID)
	}
	return ids
}

// id names the snapshot that the last record completes.
func id(t *testing.T, records []kafka.Record) string {
	t.Helper()
	name, ok := strings.CutPrefix(string(records[len(records)-1].Key), "manifest/")
	if !ok {
		t.Fatal("the last record is no manifest")
	}
	return name
}
