package keyring_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"pgregory.net/rapid"

	"brume/schemas/event/keyring"
)

func newPRF(t testing.TB) (*keyring.PRF, *prf.Set) {
	t.Helper()
	handle, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	p, err := keyring.NewPRF(handle)
	if err != nil {
		t.Fatal(err)
	}
	set, err := prf.NewPRFSet(handle)
	if err != nil {
		t.Fatal(err)
	}
	return p, set
}

// tinkInput is what Sum feeds to the PRF, written down a second time.
func tinkInput(domain byte, a, b string) []byte {
	input := binary.BigEndian.AppendUint32([]byte{domain}, uint32(len(a)))
	return append(append(input, a...), b...)
}

func TestPRFEqualsTink(t *testing.T) {
	p, set := newPRF(t)
	rapid.Check(t, func(t *rapid.T) {
		domain, a, b := rapid.Byte().Draw(t, "domain"), rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		want, err := set.ComputePrimaryPRF(tinkInput(domain, a, b), 32)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Sum(domain, a, b); !bytes.Equal(got[:], want) {
			t.Fatalf("got %x, want %x", got, want)
		}
	})
}

func TestPRFIsSafeForConcurrentUse(t *testing.T) {
	p, _ := newPRF(t)
	want := map[string][32]byte{}
	for i := range 64 {
		want[fmt.Sprint(i)] = p.Sum(1, "", fmt.Sprint(i))
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for k, v := range want {
				if p.Sum(1, "", k) != v {
					t.Errorf("another value for %s", k)
				}
			}
		})
	}
	wait.Wait()
}

func TestPRFInputsDoNotRun(t *testing.T) {
	p, _ := newPRF(t)
	if p.Sum(1, "ab", "c") == p.Sum(1, "a", "bc") || p.Sum(1, "", "") == p.Sum(2, "", "") {
		t.Error("two inputs, one value")
	}
}

func TestPRFDoesNotPrint(t *testing.T) {
	p, _ := newPRF(t)
	j, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprintf("%v %+v %#v %x %d %s", p, p, p, p, p, j); strings.Trim(s, `[]" prf`) != "" {
		t.Errorf("prints %s", s)
	}
}

func BenchmarkPRF(b *testing.B) {
	p, set := newPRF(b)
	const scope, actor = "https://ent.aix.example", "account:https://ent.aix.example|4711"
	b.Run("pooled", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Sum(1, scope, actor)
		}
	})
	b.Run("tink", func(b *testing.B) {
		b.ReportAllocs()
		input := tinkInput(1, scope, actor)
		for b.Loop() {
			if _, err := set.ComputePrimaryPRF(input, 16); err != nil {
				b.Fatal(err)
			}
		}
	})
}
