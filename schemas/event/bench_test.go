package event_test

import (
	"crypto/aes"
	"crypto/cipher"
	"testing"

	"brume/schemas/event"
)

func BenchmarkSeal(b *testing.B) {
	sealer := event.NewSealer(newRing(b, noon, 1), (&clock{noon}).now)
	e := sample()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sealer.Seal(e, 3); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	r := newRing(b, noon, 1)
	record, err := event.NewSealer(r, (&clock{noon}).now).Seal(sample(), 3)
	if err != nil {
		b.Fatal(err)
	}
	opener := event.NewOpener(r)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := opener.Open(record, 3); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareGCM is the floor under BenchmarkOpen: the same bytes, nothing
// but AES-256-GCM.
func BenchmarkBareGCM(b *testing.B) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	nonce, aad := make([]byte, 12), make([]byte, 92)
	sealed := gcm.Seal(nil, nonce, sample().Append(nil), aad)
	plain := make([]byte, 0, len(sealed))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := gcm.Open(plain, nonce, sealed, aad); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenFirst is what each new data key costs.
func BenchmarkOpenFirst(b *testing.B) {
	r := newRing(b, noon, 1)
	record, err := event.NewSealer(r, (&clock{noon}).now).Seal(sample(), 3)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := event.NewOpener(r).Open(record, 3); err != nil {
			b.Fatal(err)
		}
	}
}
