package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// anyHour opens every hour with one key, or with none.
type anyHour struct{ key tink.HybridDecrypt }

func (k *anyHour) Private(int32) (tink.HybridDecrypt, error) {
	if k.key == nil {
		return nil, ErrKeyGone
	}
	return k.key, nil
}

// TestTheCacheDoesNotDecide: whoever holds a data key can seal a record whose
// header names another hour. A warm opener must refuse it as a cold one does,
// or a rebuild would differ.
func TestTheCacheDoesNotDecide(t *testing.T) {
	keys, public := pair(t)
	k, err := newDataKey(public, HourStart(public.Hour))
	if err != nil {
		t.Fatal(err)
	}
	e := &Event{Actor: NewActor("a"), Score: NoScore, Duration: NoDuration}
	honest := k.seal(e, 0)
	binary.BigEndian.PutUint32(k.header[2:], uint32(public.Hour)+1)
	forged := k.seal(e, 0)
	warm := NewOpener(keys)
	for range 3 {
		if _, err := warm.Open(honest, 0); err != nil {
			t.Fatal(err)
		}
		for name, o := range map[string]*Opener{"warm": warm, "cold": NewOpener(keys)} {
			if _, err := o.Open(forged, 0); !errors.Is(err, ErrSealed) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
}

// TestScratchesForgetTogether: no goroutine keeps a data key that another has
// found dead, even if the clock goes back and the hour gets a second key.
func TestScratchesForgetTogether(t *testing.T) {
	keys, public := pair(t)
	second, _ := pair(t)
	k, err := newDataKey(public, HourStart(public.Hour))
	if err != nil {
		t.Fatal(err)
	}
	o := NewOpener(keys)
	var mine, theirs scratch
	if err := errors.Join(o.dataKey(&mine, k.header), o.dataKey(&theirs, k.header)); err != nil {
		t.Fatal(err)
	}
	keys.key = nil
	if err := o.dataKey(&mine, k.header); !errors.Is(err, ErrKeyGone) {
		t.Errorf("got %v", err)
	}
	keys.key = second.key
	for _, s := range []*scratch{&mine, &theirs} {
		if err := o.dataKey(s, k.header); !errors.Is(err, ErrSealed) {
			t.Errorf("got %v", err)
		}
	}
}

func pair(t *testing.T) (*anyHour, PublicKey) {
	t.Helper()
	handle, err := keyset.NewHandle(hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Raw_Key_Template())
	if err != nil {
		t.Fatal(err)
	}
	half, err1 := handle.Public()
	decrypt, err2 := hybrid.NewHybridDecrypt(handle)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	encrypt, err := hybrid.NewHybridEncrypt(half)
	if err != nil {
		t.Fatal(err)
	}
	return &anyHour{decrypt}, PublicKey{Hour: 500_000, NotAfter: HourStart(500_001), Wrap: encrypt}
}

func TestTheCacheIsBounded(t *testing.T) {
	c := newLRU(3)
	header := func(i int) []byte { return fmt.Append(nil, "header", i) }
	holds := func() (held string) {
		for i := range 10 {
			if c.byKey[string(header(i))] != nil {
				held += fmt.Sprint(i)
			}
		}
		if len(c.byKey) != c.order.Len() {
			t.Fatal("index and order differ")
		}
		return held
	}
	life := int32(PrivateLife/time.Hour) + 1
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() { c.put(header(1), 100, nil); c.put(header(2), 101, nil); c.put(header(3), 102, nil) }, "123"},
		{func() { c.get(header(1)); c.put(header(4), 102, nil) }, "134"}, // 2 was used least
		{func() { c.put(header(4), 102, nil) }, "134"},
		{func() { c.put(header(5), 100+life, nil) }, "345"},
		{func() { c.drop(func(h int32) bool { return h == 102 }) }, "5"},
	} {
		if step.do(); holds() != step.want {
			t.Errorf("holds %s, want %s", holds(), step.want)
		}
	}
}
