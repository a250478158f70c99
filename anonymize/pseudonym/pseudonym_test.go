package pseudonym_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"brume/anonymize/pseudonym"
)

func newKey(t testing.TB) (*pseudonym.Key, *keyset.Handle) {
	t.Helper()
	handle, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	key, err := pseudonym.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	return key, handle
}

const scope, actor = "https://ent.aix.example", "account:https://ent.aix.example|4711"

func TestPseudonymIsTinksPRF(t *testing.T) {
	key, handle := newKey(t)
	set, err := prf.NewPRFSet(handle)
	if err != nil {
		t.Fatal(err)
	}
	want, err := set.ComputePrimaryPRF([]byte("\x01\x00\x00\x00\x17"+scope+actor), 16)
	if err != nil {
		t.Fatal(err)
	}
	if got := key.Of(scope, actor); string(got[:]) != string(want) {
		t.Errorf("got %x, want %x", got[:], want)
	}
}

func TestWhatMakesAnotherPseudonym(t *testing.T) {
	key, _ := newKey(t)
	other, _ := newKey(t)
	p := key.Of(scope, actor)
	if key.Of(scope, actor) != p {
		t.Error("not stable")
	}
	for name, q := range map[string]pseudonym.Pseudonym{
		"scope":    key.Of("", actor),
		"actor":    key.Of(scope, actor+"1"),
		"boundary": key.Of(scope+"a", actor[1:]),
		"year":     other.Of(scope, actor),
		"token":    key.Token(p),
	} {
		if q == p {
			t.Errorf("another %s, the same pseudonym", name)
		}
	}
	if key.ID() == other.ID() {
		t.Error("two keys, one name")
	}
}

func TestNothingPrints(t *testing.T) {
	key, _ := newKey(t)
	var p pseudonym.Pseudonym
	copy(p[:], "canary-canary-ca")
	held := struct {
		P pseudonym.Pseudonym
		M map[pseudonym.Pseudonym]int
		K *pseudonym.Key
	}{p, map[pseudonym.Pseudonym]int{p: 1}, key}
	for _, v := range []any{p, &p, key, held, &held, []pseudonym.Pseudonym{p}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			refuse(t, verb, fmt.Sprintf(verb, v))
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		refuse(t, "json", string(b))
	}
}

func refuse(t *testing.T, how, printed string) {
	t.Helper()
	for _, form := range []string{"canary", "63616e", "63616E", "99 97 110", "99, 97, 110", "99,97,110", "0x63", "Y2FuYXJ5"} {
		if strings.Contains(printed, form) {
			t.Errorf("%s prints %s", how, printed)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	key, _ := newKey(b)
	b.ReportAllocs()
	for b.Loop() {
		key.Of(scope, actor)
	}
}
