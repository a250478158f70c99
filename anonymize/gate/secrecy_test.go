package gate

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"testing"

	"brume/anonymize/exact"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/ledger"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// glass is an AEAD that hides nothing, so that a test can look at exact sums.
type glass struct{}

func (glass) Encrypt(plain, _ []byte) ([]byte, error) { return plain, nil }
func (glass) Decrypt(plain, _ []byte) ([]byte, error) { return plain, nil }

// inputs returns the digests that a site's reservation of window 0 carries.
func (s *site) inputs() []ledger.Hash {
	s.t.Helper()
	s.partials(0)
	s.check(run(s.ctx(), s.successor()))
	valid, _, _ := s.entries()
	_, id := s.window(0)
	return reserved(valid, id)[0].Inputs
}

// ★ The digests of exact sums in the ledger, which all may read, are under the
// gates' key: a plain hash of sums could be guessed.
func TestInputsAreKeyed(t *testing.T) {
	dir, cfg := keyDir(t), testenv.Kafka(t)
	a := newSite(t, cfg, "a-", dir, 1)
	first := a.inputs()
	if again := newSite(t, cfg, "b-", dir, 1).inputs(); !slices.Equal(first, again) {
		t.Error("the same sums under the same key have other digests: no successor could adopt")
	}
	if other := newSite(t, cfg, "c-", keyDir(t), 1).inputs(); first[0] == other[0] || first[1] == other[1] {
		t.Error("the same sums under another key have the same digest")
	}
	if first[0] == first[1] {
		t.Error("two partitions have the same digest")
	}
	for p := range partitions {
		for what, data := range a.guesses(p) {
			if first[p] == sha256.Sum256(data) {
				t.Errorf("partition %d: the digest is a plain SHA-256 of %s", p, what)
			}
		}
	}
}

// guesses are the bytes that one who knows the sums would hash.
func (s *site) guesses(p int) map[string][]byte {
	s.t.Helper()
	w, id := s.window(0)
	v := exact.New(s.year.Plan.Layout(s.year.Registry, w).Len())
	var plain []byte
	for cell := range v.Len() {
		s.check(v.Add(cell, amount(p, cell)))
		plain = binary.BigEndian.AppendUint64(plain, uint64(amount(p, cell)))
	}
	encoded, err := v.Seal(glass{}, nil)
	s.check(err)
	var input []byte // exactly what is digested
	context := []byte(PartialName(id, p))
	v.MAC(func(b []byte) [32]byte { input = b; return [32]byte{} }, context)
	return map[string][]byte{
		"the sums": plain, "the encoded sums": encoded, "the keyed input": input,
		"name and sums": append(slices.Clone(context), encoded...),
	}
}

// ★ COMMITTED carries the draft's key wrapped, never the key itself: everybody
// may read the ledger.
func TestTheDraftKeyIsOnlyWrapped(t *testing.T) {
	dir := keyDir(t)
	s := newSite(t, testenv.Kafka(t), "", dir, 1)
	_, id := s.window(0)
	s.partials(0)
	key, err := s.store.ReleaseKey(id)
	s.check(err)
	s.check(run(s.ctx(), s.successor()))
	valid, _, _ := s.entries()
	c := committed(valid, id)[0]
	raw, err := key.Decrypt(c.DraftKey, []byte("draft "+c.Draft))
	s.check(err)
	payload, err := s.openDraft(c, key)
	s.check(err)
	if ledger.Hash(release.Hash(payload)) != c.Payload || !bytes.Equal(payload, s.payloads(id)[0]) {
		t.Error("the draft under the unwrapped key is not the released value")
	}
	if len(raw) != 32 {
		t.Fatalf("a draft key of %d bytes", len(raw))
	}
	forms := map[string][]byte{
		"raw": raw, "hexadecimal": []byte(hex.EncodeToString(raw)), "base64": []byte(base64.StdEncoding.EncodeToString(raw))[:42],
	}
	for _, topic := range []string{topics.Ledger, topics.Drafts, topics.Partials, topics.Releases} {
		for offset, value := range s.values(topic) {
			for form, want := range forms {
				if bytes.Contains(value, want) {
					t.Errorf("%s/%d holds the draft's key, %s", topic, offset, form)
				}
			}
		}
	}
}

// Partials and drafts rest sealed: no run of exact sums, and no released
// payload, stands in their topics.
func TestPartialsAndDraftsRestSealed(t *testing.T) {
	dir := keyDir(t)
	s := newSite(t, testenv.Kafka(t), "", dir, 1)
	_, id := s.window(0)
	s.partials(0)
	s.check(run(s.ctx(), s.successor()))
	payload := s.payloads(id)[0]
	for _, topic := range []string{topics.Partials, topics.Drafts, topics.Ledger} {
		for offset, value := range s.values(topic) {
			if bytes.Contains(value, payload[:64]) {
				t.Errorf("%s/%d holds the payload", topic, offset)
			}
			for p := range partitions {
				if encoded := s.guesses(p)["the encoded sums"]; bytes.Contains(value, encoded[:32]) {
					t.Errorf("%s/%d holds the exact sums of partition %d", topic, offset, p)
				}
			}
		}
	}
}

// A partial opens as its own release's and partition's only.
func TestAPartialMovedElsewhereIsRefused(t *testing.T) {
	dir := keyDir(t)
	s := newSite(t, testenv.Kafka(t), "", dir, 1)
	s.check(run(s.ctx(), s.successor()))
	s.partial(0, 0, 0)
	var a kafka.Assembler
	_, payload, _, err := a.Add(s.values(topics.Partials)[0])
	s.check(err)
	_, id := s.window(0)
	s.check(s.client.Produce(s.ctx(), topics.Partials, 0, kafka.SplitBlob(PartialName(id, 1), payload)...))
	if err := run(s.ctx(), s.successor()); err == nil {
		t.Error("partition 0's sums counted as partition 1's")
	}
	if valid, _, _ := s.entries(); len(reserved(valid, id)) != 0 {
		t.Error("reserved")
	}
}
