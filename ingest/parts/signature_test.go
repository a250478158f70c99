package parts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"brume/ingest/compare/pairs"
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

// A signature holds for every statement that is the same as the signed one, and
// for no other.
func TestSignedIsSame(t *testing.T) {
	for what, p := range pairs.All() {
		jws := newSigner().sign(t, jose.RS256, p.A, nil)
		want := PayloadDiffers
		if p.Same {
			want = ""
		}
		b, err := xapi.Decode([]byte(p.B), options)
		if err != nil {
			t.Fatal(what, err)
		}
		for _, st := range b.Statements {
			st.Attachments = []xapi.Attachment{{UsageType: signatureUsage, ContentType: signatureType, SHA2: "a"}}
			err = VerifySignatures(xapi.Batch{Statements: []xapi.Statement{st}, Single: true}, []Part{{SHA2: "a", Body: []byte(jws)}}, options)
			if got := code(t, err); got != want {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
	}
}

// Of a signed statement's attachments the signature is left out, and nothing
// else: each stands for its content.
func TestSignedContents(t *testing.T) {
	one, other := attachment("x", ""), attachment("y", "")
	signature := strings.Replace(attachment("z", ""), "https://tool.example/essay", signatureUsage, 1)
	of := func(list ...string) *xapi.Statement {
		b, err := xapi.Decode([]byte(statement(`,"attachments":[`+strings.Join(list, ",")+"]")), options)
		if err != nil {
			t.Fatal(err)
		}
		return &b.Statements[0]
	}
	rows := []struct {
		line int
		a, b *xapi.Statement
		want bool
	}{
		{line(), of(one, other), of(one, signature, other), true},
		{line(), of(signature), of(), true},
		{line(), of(one), of(), false},
		{line(), of(one), of(other), false},
		{line(), of(one, other), of(other, one), false},
	}
	for _, row := range rows {
		if got := sameContents(row.a, row.b); got != row.want {
			t.Errorf("line %d: %t", row.line, got)
		}
	}
}
