package keys_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"brume/schemas/event"
	"brume/schemas/event/keyring"
)

// TestKeysDoNotPrint prints and encodes every kind of key, alone and as an
// unexported field of something else, and looks for the material as text, hex,
// decimal bytes and base64.
func TestKeysDoNotPrint(t *testing.T) {
	dir, s := initialised(t)
	forms := material(t, dir)
	pseudonyms, err1 := s.Pseudonym(year)
	cohort, err2 := s.Cohort(year)
	gate, err3 := s.Gate()
	release, err4 := s.ReleaseKey("r")
	signer, err5 := s.ControlSigner()
	ledger, err6 := s.LedgerSigner()
	private, err7 := s.Private(event.Hour(noon))
	ingest, err8 := keyring.OpenIngest(dir)
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8); err != nil {
		t.Fatal(err)
	}
	for _, key := range []any{s, pseudonyms, cohort, gate, *gate, gate.AEAD(), release, signer, *signer, ledger, private, ingest, *ingest} {
		held := struct {
			Open   any
			hidden any
		}{key, key}
		for _, v := range []any{key, held, &held, []any{key}, map[string]any{"k": key}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				refuseForms(t, verb, fmt.Sprintf(verb, v), forms)
			}
		}
		if b, err := json.Marshal(key); err == nil { // not every key has an encoding, none has a telling one
			refuseForms(t, "json", string(b), forms)
		}
	}
}

// TestKeysSayWhatTheyAre: our own hiding is tested apart, since Tink's types
// would rarely print their material without it.
func TestKeysSayWhatTheyAre(t *testing.T) {
	_, s := initialised(t)
	gate, err1 := s.Gate()
	cohort, err2 := s.Cohort(year)
	ledger, err3 := s.LedgerSigner()
	private, err4 := s.Private(event.Hour(noon))
	again, err5 := s.Private(event.Hour(noon))
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	for _, key := range []any{gate, gate.AEAD(), cohort, ledger, private, again} {
		j, err := json.Marshal(key)
		if got := fmt.Sprintf("%v %+v %#v %d %s", key, key, key, key, j); err != nil || got != `[key] [key] [key] [key] "[key]"` {
			t.Errorf("%T: %s, %v", key, got, err)
		}
	}
}

func refuseForms(t *testing.T, how, printed string, forms []string) {
	t.Helper()
	for _, form := range forms {
		if strings.Contains(strings.ToLower(printed), strings.ToLower(form)) {
			t.Errorf("%s prints a key: %.200s", how, printed)
			return
		}
	}
}

var value = regexp.MustCompile(`"value": *"([^"]+)"`)

// material returns the last eight bytes of every key in the directory in the
// forms in which it might print. Keysets of Tink end with the key.
func material(t *testing.T, dir string) (forms []string) {
	t.Helper()
	for name, content := range contents(t, dir) {
		if strings.HasPrefix(name, "public/") || strings.Contains(name, "verify") {
			continue
		}
		for _, m := range value.FindAllStringSubmatch(content, -1) {
			b, err := base64.StdEncoding.DecodeString(m[1])
			if err != nil {
				t.Fatal(err)
			}
			tail := b[len(b)-8:]
			decimal := strings.Trim(fmt.Sprint(tail), "[]")
			forms = append(forms, m[1], fmt.Sprintf("%x", tail), decimal, strings.ReplaceAll(decimal, " ", ", "),
				strings.TrimPrefix(fmt.Sprintf("%#v", tail), "[]byte"))
		}
	}
	if len(forms) < 5*50 {
		t.Fatalf("only %d forms", len(forms))
	}
	return forms
}
