package parts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json/jsontext"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"brume/schemas/xapi"
)

const someID = "9dc99b37-e920-4a68-a066-917faca28949"

// signer is a key with its certificate.
type signer struct {
	key  *rsa.PrivateKey
	x5c  []string
	hmac []byte
}

var newSigner = sync.OnceValue(func() *signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(0, 0)} // nobody asks whether it is still valid
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return &signer{key: key, x5c: []string{base64.StdEncoding.EncodeToString(der)}, hmac: []byte(strings.Repeat("k", 64))}
})

// sign gives the compact JWS of a payload; x5c may be nil.
func (s *signer) sign(t *testing.T, alg jose.SignatureAlgorithm, payload string, x5c []string) string {
	t.Helper()
	var key any = s.key
	if alg == jose.HS256 {
		key = s.hmac
	}
	o := &jose.SignerOptions{}
	if x5c != nil {
		o.WithHeader("x5c", x5c)
	}
	signing, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signing.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// signed is a request with a statement and a signature; contentType and rest
// are the signature's.
func signed(rest, jws, contentType string) string {
	a := strings.NewReplacer("https://tool.example/essay", signatureUsage, "text/plain", contentType).Replace(attachment(jws, ""))
	return mixed(first(strings.TrimSuffix(rest, "}")+`,"attachments":[`+a+"]}"), strings.Replace(part(jws), "text/plain", contentType, 1))
}

func TestSignatures(t *testing.T) {
	s := newSigner()
	st := statement(`,"id":"` + someID + `","timestamp":"2026-09-14T09:59:59Z"`)
	valid := s.sign(t, jose.RS256, st, s.x5c)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	forged := &signer{key: other}
	header, rest, _ := strings.Cut(valid, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	badCertificate := []string{base64.StdEncoding.EncodeToString([]byte("no certificate"))}
	rows := []struct {
		line int
		jws  string
		want xapi.Code
	}{
		{line(), valid, ""},
		{line(), valid + "\r\n", ""},
		{line(), s.sign(t, jose.RS384, st, s.x5c), ""},
		{line(), s.sign(t, jose.RS512, st, nil), ""},
		{line(), forged.sign(t, jose.RS256, st, nil), ""}, // nothing to verify it with
		{line(), forged.sign(t, jose.RS256, st, s.x5c), NotVerified},
		{line(), valid[:len(valid)-8] + "AAAAAAAA", NotVerified},
		{line(), s.sign(t, jose.RS256, st, badCertificate), BadJWS},
		{line(), s.sign(t, jose.RS256, st, []string{ecdsaCertificate(t)}), BadCertificate},
		{line(), s.sign(t, jose.RS256, st, []string{ecdsaCertificate(t), s.x5c[0]}), BadCertificate}, // the first is the signer's
		{line(), s.sign(t, jose.PS256, st, nil), BadAlgorithm},
		{line(), s.sign(t, jose.HS256, st, nil), BadAlgorithm},
		{line(), none + "." + rest, BadAlgorithm},
		{line(), none + "." + base64.RawURLEncoding.EncodeToString([]byte(st)) + ".", BadAlgorithm},
		{line(), header + "." + rest + ".x", BadJWS},
		{line(), "{}", BadJWS},
		{line(), "", BadJWS},
		{line(), strings.Replace(st, `"`, "'", 1), BadJWS},
		{line(), s.sign(t, jose.RS256, strings.Replace(st, `"`, "'", 1), nil), BadPayload},
		{line(), s.sign(t, jose.RS256, "["+st+"]", nil), BadPayload},
		{line(), s.sign(t, jose.RS256, "", nil), BadPayload},
		{line(), s.sign(t, jose.RS256, statement(`,"x":1`), nil), BadPayload},
		{line(), s.sign(t, jose.RS256, strings.Replace(st, "did", "did-not", 1), nil), PayloadDiffers},
		{line(), strings.Repeat("a", maxJOSEHeader+1) + "." + rest, SignatureLarge},
		{line(), strings.Repeat("a", 600<<10), SignatureLarge},
	}
	for _, row := range rows {
		_, err := accept(signed(st, row.jws, signatureType), boundary)
		if got := code(t, err); got != row.want {
			t.Errorf("line %d: got %q, want %q (%v)", row.line, got, row.want, err)
		}
	}
	if _, err := accept(signed(st, valid, "text/plain"), boundary); code(t, err) != SignatureType {
		t.Errorf("signature as text: %v", err)
	}
	elsewhere := strings.Replace(attachment(valid, `,"fileUrl":"https://tool.example/jws"`), "https://tool.example/essay", signatureUsage, 1)
	elsewhere = strings.Replace(elsewhere, "text/plain", signatureType, 1)
	if _, err := accept(mixed(first(statement(`,"attachments":[`+elsewhere+"]"))), boundary); code(t, err) != SignatureAbsent {
		t.Errorf("signature elsewhere: %v", err)
	}
}

// ecdsaCertificate is one whose key is none of RSA.
func ecdsaCertificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// What is wrong with a signature is said without a value of it.
func TestSignatureFaultsHoldNoValue(t *testing.T) {
	payload := base64.RawURLEncoding.EncodeToString([]byte(`{"CANARY":1}`))
	for _, header := range []string{`{"alg":"CANARY"}`, `{"alg":"RS256","x5c":["CANARY"]}`, `{"alg":"RS256","jwk":{"kty":"CANARY"}}`, `{"alg":"RS256"}`, `{"alg":"RS256","CANARY"`} {
		_, err := accept(signed(statement(""), base64.RawURLEncoding.EncodeToString([]byte(header))+"."+payload+".CANARY", signatureType), boundary)
		if code(t, err) == "" || strings.Contains(fmt.Sprintf("%+v", err), "CANARY") {
			t.Errorf("%s: %+v", header, err)
		}
	}
}

// What a receiver may assign or write otherwise does not count, the rest does.
func TestEquivalent(t *testing.T) {
	const full = `{"id":"` + someID + `","actor":{"objectType":"Group","member":[{"mbox":"mailto:A@b.example"},{"name":"x","mbox":"mailto:c@b.example"}]},
"verb":{"id":"a:did","display":{"fr":"a fait"}},"object":{"objectType":"Activity","id":"a:x","definition":{"name":{"fr":"x"}}},
"result":{"score":{"raw":1},"duration":"PT1M0.5S","extensions":{"a:b":{"id":1,"definition":[1,2]}}},
"context":{"language":"fr-FR","contextActivities":{"parent":{"id":"a:p"}}},"timestamp":"2026-09-14T10:00:00Z"}`
	rows := []struct {
		line     int
		old, new string
		want     bool
	}{
		{line(), "", "", true},
		{line(), someID, strings.ToUpper(someID), true},
		{line(), someID, "00000000-e920-4a68-a066-917faca28949", false},
		{line(), `"id":"` + someID + `",`, ``, true},
		{line(), `"id":"` + someID + `",`, `"stored":"2026-09-14T10:00:00Z","version":"1.0.0","authority":{"mbox":"mailto:a@b.example"},`, true},
		{line(), `10:00:00Z`, `12:00:00.000+02:00`, true},
		{line(), `10:00:00Z`, `10:00:01Z`, false},
		{line(), `,"timestamp":"2026-09-14T10:00:00Z"`, ``, true},
		{line(), `{"mbox":"mailto:A@b.example"},{"name":"x","mbox":"mailto:c@b.example"}`, `{"mbox":"mailto:c@b.example","name":"x"}, {"mbox":"mailto:A@B.example"}`, true},
		{line(), `mailto:A@`, `mailto:a@`, false},
		{line(), `"name":"x",`, ``, false},
		{line(), `,"display":{"fr":"a fait"}`, ``, true},
		{line(), `,"definition":{"name":{"fr":"x"}}`, ``, true},
		{line(), `"objectType":"Activity",`, ``, true},
		{line(), `{"id":"a:p"}`, `[{"id":"a:p"}]`, true},
		{line(), `{"id":"a:p"}`, `[{"id":"a:q"}]`, false},
		{line(), `"raw":1`, `"raw":1.0`, true},
		{line(), `"raw":1`, `"raw":2`, false},
		{line(), `PT1M0.5S`, `PT60.5S`, false},
		{line(), `PT1M0.5S`, `PT1M0.509S`, true},
		{line(), `PT1M0.5S`, `PT1M0.51S`, false},
		{line(), `PT1M0.5S`, `PT1M0.6S`, false},
		{line(), `PT1M0.5S`, `PT1M`, false},
		{line(), `"id":1,"definition":[1,2]`, `"definition":[1.0,2],"id":1`, true},
		{line(), `"definition":[1,2]`, `"definition":[2,1]`, false},
		{line(), `fr-FR`, `fr-fr`, true},
		{line(), `"language":"fr-FR",`, ``, false},
		{line(), `"timestamp"`, `"attachments":[` + strings.Replace(attachment("x", ""), "https://tool.example/essay", signatureUsage, 1) + `],"timestamp"`, true},
		{line(), `"timestamp"`, `"attachments":[` + attachment("x", "") + `],"timestamp"`, false},
	}
	for _, row := range rows {
		changed := strings.Replace(full, row.old, row.new, 1)
		if row.old != "" && changed == full || !jsontext.Value(changed).IsValid() {
			t.Fatalf("line %d: no change, or no JSON", row.line)
		}
		if _, err := xapi.Decode([]byte(changed), options); err != nil {
			t.Errorf("line %d: %v", row.line, err)
		}
		if got := equivalent(full, changed); got != row.want {
			t.Errorf("line %d: %s", row.line, fmt.Sprint(got))
		}
		if got := equivalent(changed, full); got != row.want {
			t.Errorf("line %d, turned round: %v", row.line, got)
		}
	}
}
