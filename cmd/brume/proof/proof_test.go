package proof

import (
	"path/filepath"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"brume/anonymize/exact"
	"brume/anonymize/gate"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/event/keyring"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// ★ A copy of the key of a release opens the partials that still rest of it,
// whichever plan of the year they were folded under: the proof must not hold.
func TestAPartialThatOpensIsFound(t *testing.T) {
	reg := registry.Demonstration(1)
	var plans []*policy.Plan
	for _, name := range []string{"2026-2027-epsilon-2", "2026-2027-epsilon-4"} {
		p, err := policy.Default(name)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := p.Plan()
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, plan)
	}
	dir := t.TempDir()
	handle, err := keyring.CreateKeyset(filepath.Join(dir, "a copy"), aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	key, err := aead.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	client := kafka.New(testenv.Kafka(t), testenv.Log(t))
	if err := client.EnsureTopics(t.Context(), []kafka.Topic{{Name: topics.Partials, Partitions: 1}, {Name: topics.Streams, Partitions: 1}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	for i, plan := range plans {
		name := gate.PartialName("2026-2027-w38", i)
		sealed, err := exact.New(3).Seal(key, gate.PartialContext(name, plan, reg))
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Produce(t.Context(), topics.Partials, 0, kafka.SplitBlob(name, sealed)...); err != nil {
			t.Fatal(err)
		}
	}
	y := Year{
		Plans: plans, Registry: reg, Kafka: client, Dirs: []string{dir},
		Wrapped: func(string) (*keyset.Handle, error) { return nil, nil },
	}
	r, err := y.Prove(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := (Tried{Topic: topics.Partials, Sealed: 2, Opened: 2}); r.Tried[1] != want || r.Holds() || len(r.Copies) != 1 {
		t.Errorf("got %+v, want %+v and the copy named", r, want)
	}
}
