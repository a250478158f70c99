package audit

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/release"
)

type edKey struct{ private ed25519.PrivateKey }

func (k edKey) Sign(data []byte) ([]byte, error) { return ed25519.Sign(k.private, data), nil }

func (k edKey) Verify(signature, data []byte) error {
	if !ed25519.Verify(k.private.Public().(ed25519.PublicKey), data, signature) {
		return errors.New("forged")
	}
	return nil
}

var key = edKey{ed25519.NewKeyFromSeed(make([]byte, 32))}

// world is one honest release of the first week; tests spoil a part of it.
type world struct {
	plan     *policy.Plan
	reg      *registry.Registry
	year     ledger.Year
	reserved ledger.Reserved
	release  *release.Release
	payload  ledger.Hash // as committed; zero: the release's
	rows     []Row

	incomplete bool // as committed
	values     [][]byte
	extra      []byte // another payload in the topic
}

func honest(t *testing.T) *world {
	t.Helper()
	p, err := policy.Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{plan: plan, reg: registry.Demonstration(1)}
	window := plan.Policy.Windows(policy.Weekly)[0]
	id := string(policy.ReleaseID(window))
	w.year = ledger.Year{Name: p.SchoolYear, Plan: plan.PolicyHash, Epsilon: p.Epsilon, Delta: p.Delta, LimitNano: plan.LimitNano, Facts: ledger.Facts{Partitions: 1}}
	w.reserved = ledger.Reserved{Release: id, Year: p.SchoolYear, Window: window.Label, Plan: plan.PolicyHash, Inputs: []ledger.Hash{{1}}}
	for _, f := range plan.Families {
		for _, z := range plan.Policy.Calendar.Zones {
			if f.Cadence == window.Cadence && plan.Policy.InSession(z.Name, window) {
				w.reserved.Costs = append(w.reserved.Costs, ledger.Cost{Family: f.Name, Zone: z.Name, Nano: f.CostNanoMu2})
			}
		}
	}
	hash := w.reg.Hash()
	w.release = &release.Release{
		ID: release.ID(id), SchoolYear: p.SchoolYear, Cadence: "week", Window: window.Label,
		PolicyHash: ledger.Hash(plan.PolicyHash).String(), RegistryHash: hex.EncodeToString(hash[:]),
		Epsilon: p.Epsilon, Delta: p.Delta, Cells: plan.Cells(w.reg, window),
	}
	for i := range w.release.Cells {
		w.release.Cells[i].Value = int64(i)
	}
	return w
}

// faults audits the world.
func (w *world) faults(t *testing.T) error {
	t.Helper()
	payload, err := release.Encode(w.release)
	if err != nil {
		t.Fatal(err)
	}
	if w.payload == (ledger.Hash{}) {
		w.payload = release.Hash(payload)
	}
	var head ledger.Hash
	for i, r := range []ledger.Record{{Year: &w.year}, {Reserved: &w.reserved},
		{Committed: &ledger.Committed{Release: w.reserved.Release, Payload: w.payload, Draft: "d", DraftKey: []byte{1}, Incomplete: w.incomplete}}} {
		r.Sequence, r.Prev = uint64(i+1), head
		value, err := ledger.Encode(r, key)
		if err != nil {
			t.Fatal(err)
		}
		head = ledger.HashOf(value)
		w.values = append(w.values, value)
	}
	l := ReadLedger(w.values, key)
	_, faults := l.CheckBudget([]*policy.Plan{w.plan})
	topic := Payloads{w.reserved.Release: {payload}}
	if w.extra != nil {
		topic[w.reserved.Release] = append(topic[w.reserved.Release], w.extra)
	}
	decoded, more := l.CheckPublished(topic, []*policy.Plan{w.plan}, w.reg)
	faults = append(faults, more...)
	if w.rows == nil {
		for i, c := range w.release.Cells {
			w.rows = append(w.rows, Row{w.reserved.Release, uint32(i), c})
		}
	}
	return errors.Join(append(faults, CheckRows(w.rows, decoded)...)...)
}

func TestAnHonestWorldHasNoFault(t *testing.T) {
	if err := honest(t).faults(t); err != nil {
		t.Error(err)
	}
}

func TestEveryFaultIsFound(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*world)
		want  string
	}{
		{"less was charged than planned", func(w *world) { w.reserved.Costs[0].Nano-- }, "planned"},
		{"a family was not charged", func(w *world) { w.reserved.Costs = w.reserved.Costs[1:] }, "was not charged"},
		{"a family was charged twice", func(w *world) { w.reserved.Costs = append(w.reserved.Costs, w.reserved.Costs[0]) }, "was charged by"},
		{"the limit does not keep the promise", func(w *world) { w.year.LimitNano *= 2 }, "promised"},
		{"more was spent than the limit", func(w *world) { w.year.LimitNano = 1 }, "budget exceeded"},
		{"noise smaller than planned", func(w *world) { w.release.Cells[3].Sigma /= 2 }, "planned"},
		{"a cell is missing", func(w *world) { w.release.Cells = w.release.Cells[1:] }, "cells, planned"},
		{"a cell outside the domain", func(w *world) { w.release.Cells[0].Area = "9999999Z" }, "planned"},
		{"another value than the committed one", func(w *world) { w.payload = ledger.Hash{7} }, "not the one that was committed"},
		{"a second value of one release", func(w *world) { w.extra = []byte("x") }, "not the one that was committed"},
		{"a mark that was not committed", func(w *world) { w.release.Incomplete = true }, "committed as incomplete"},
		{"a committed mark that is missing", func(w *world) { w.incomplete = true }, "committed as incomplete"},
		{"another policy", func(w *world) { w.release.PolicyHash = "00" }, "not the configured one"},
		{"a charge under no configured plan", func(w *world) { w.reserved.Plan = ledger.Hash{9} }, "no configured policy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := honest(t)
			tt.spoil(w)
			if err := w.faults(t); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestEveryFaultOfClickHouseIsFound(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func([]Row) []Row
	}{
		{"a changed value", func(rows []Row) []Row { rows[0].Cell.Value++; return rows }},
		{"a missing row", func(rows []Row) []Row { return rows[1:] }},
		{"a row twice", func(rows []Row) []Row { return append(rows, rows[0]) }},
		{"a row of an unknown release", func(rows []Row) []Row { return append(rows, Row{Release: "r9"}) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := honest(t)
			for i, c := range w.release.Cells {
				w.rows = append(w.rows, Row{w.reserved.Release, uint32(i), c})
			}
			w.rows = tt.spoil(w.rows)
			if err := w.faults(t); err == nil {
				t.Error("not found")
			}
		})
	}
}

// An incomplete release is no fault where all say so.
func TestMarks(t *testing.T) {
	w := honest(t)
	w.release.Incomplete, w.incomplete = true, true
	if err := w.faults(t); err != nil {
		t.Error(err)
	}
	decoded := map[string]*release.Release{"r1": {Incomplete: true}, "r2": {}}
	for _, tt := range []struct {
		marks  map[string]bool
		faults int
	}{
		{map[string]bool{"r1": true, "r2": false}, 0},
		{map[string]bool{"r1": false, "r2": false}, 1},
		{map[string]bool{"r1": true, "r2": true}, 1},
		{map[string]bool{"r1": true}, 1},
	} {
		if got := CheckMarks(tt.marks, decoded); len(got) != tt.faults {
			t.Errorf("%v: %v, want %d faults", tt.marks, got, tt.faults)
		}
	}
}

func TestForgedAndUnchainedRecordsDoNotCount(t *testing.T) {
	w := honest(t)
	if err := w.faults(t); err != nil {
		t.Fatal(err)
	}
	stranger := edKey{ed25519.NewKeyFromSeed(append(make([]byte, 31), 1))}
	if l := ReadLedger(w.values, stranger); l.Records != 0 || l.Invalid != 3 {
		t.Errorf("another key: %d records, %d invalid", l.Records, l.Invalid)
	}
	if l := ReadLedger([][]byte{w.values[0], w.values[2], w.values[1], w.values[1]}, key); l.Records != 2 || l.Invalid != 2 {
		t.Errorf("out of order and repeated: %d records, %d invalid; want 2 and 2", l.Records, l.Invalid)
	}
}
