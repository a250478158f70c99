package tokens

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json/v2"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"brume/internal/testenv"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func line() int {
	_, _, n, _ := runtime.Caller(1)
	return n
}

// identity is a small identity server: it publishes keys and signs tokens.
type identity struct {
	*httptest.Server
	mu      sync.Mutex
	keys    jose.JSONWebKeySet
	away    bool
	fetches int
}

func newIdentity(t testing.TB) *identity {
	t.Helper()
	i := &identity{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.fetches++
		if i.away {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		text, err := json.Marshal(i.keys)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(text)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *identity) set(edit func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	edit()
}

func (i *identity) asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

// key is a signing key; its public half is published when the test says so.
type key struct {
	id      string
	alg     jose.SignatureAlgorithm
	private crypto.Signer
}

func newKey(t testing.TB, id string, alg jose.SignatureAlgorithm) key {
	t.Helper()
	var private crypto.Signer
	var err error
	if alg == jose.ES256 {
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key{id, alg, private}
}

func (k key) public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.id, Algorithm: string(k.alg), Use: "sig"}
}

// sign makes a token; a nil header leaves the key id out.
func sign(t testing.TB, alg jose.SignatureAlgorithm, private any, kid string, body map[string]any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("at+jwt")
	if kid != "" {
		options = options.WithHeader("kid", kid)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: private}, options)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(body).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

var noon = time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)

// good are the claims of a good token, edited.
func good(edit map[string]any) map[string]any {
	c := map[string]any{"iss": "https://id.example", "aud": []string{"other", "brume"}, "exp": noon.Add(time.Hour).Unix(),
		"nbf": noon.Unix(), "iat": noon.Unix(), "sub": "service-account", "client_id": "calcul"}
	for name, value := range edit {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

func newVerifier(t testing.TB, i *identity, edit func(*Config)) (*Verifier, *testenv.Clock) {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Issuer, cfg.Audience, cfg.JWKSURL = "https://id.example", "brume", i.URL
	if edit != nil {
		edit(&cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	c := testenv.NewClock(noon)
	return New(cfg, slog.New(slog.DiscardHandler), c.Now), c
}

// ★ Only what the issuer signed for us, now, for a client, is accepted.
func TestTokens(t *testing.T) {
	i := newIdentity(t)
	rs, es, stranger := newKey(t, "rs", jose.RS256), newKey(t, "es", jose.ES256), newKey(t, "rs", jose.RS256)
	i.keys.Keys = []jose.JSONWebKey{rs.public(), es.public()}
	v, _ := newVerifier(t, i, nil)
	by := func(k key, edit map[string]any) string { return sign(t, k.alg, k.private, k.id, good(edit)) }
	der, err := x509.MarshalPKIXPublicKey(rs.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	at := func(d time.Duration) int64 { return noon.Add(d).Unix() }
	body := strings.Split(by(rs, nil), ".")
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"rs"}`)) + "." + body[1] + "."
	for _, row := range []struct {
		line  int
		token string
		want  string
	}{
		{line(), by(rs, nil), "calcul"},
		{line(), by(es, nil), "calcul"},
		{line(), by(rs, map[string]any{"aud": "brume"}), "calcul"},
		{line(), by(rs, map[string]any{"client_id": nil, "azp": "calcul"}), "calcul"},
		{line(), by(rs, map[string]any{"azp": "calcul"}), "calcul"},
		{line(), by(rs, map[string]any{"nbf": nil, "iat": nil}), "calcul"},
		{line(), sign(t, jose.RS256, rs.private, "", good(nil)), "calcul"},
		{line(), by(rs, map[string]any{"exp": at(-29 * time.Second)}), "calcul"}, // leeway
		{line(), by(rs, map[string]any{"nbf": at(29 * time.Second)}), "calcul"},

		{line(), by(rs, map[string]any{"azp": "lecture"}), ""},
		{line(), by(rs, map[string]any{"client_id": nil}), ""},
		{line(), by(rs, map[string]any{"aud": "other"}), ""},
		{line(), by(rs, map[string]any{"aud": nil}), ""},
		{line(), by(rs, map[string]any{"iss": "https://id.example/"}), ""},
		{line(), by(rs, map[string]any{"iss": nil}), ""},
		{line(), by(rs, map[string]any{"exp": at(-31 * time.Second)}), ""},
		{line(), by(rs, map[string]any{"exp": nil}), ""},
		{line(), by(rs, map[string]any{"nbf": at(31 * time.Second)}), ""},
		{line(), by(stranger, nil), ""},                                // another key under a known id
		{line(), sign(t, jose.ES256, es.private, "rs", good(nil)), ""}, // another's id
		{line(), sign(t, jose.RS512, rs.private, "rs", good(nil)), ""}, // not configured
		{line(), sign(t, jose.HS256, public, "rs", good(nil)), ""},     // the public key as a secret
		{line(), sign(t, jose.HS256, der, "rs", good(nil)), ""},
		{line(), unsigned, ""},
		{line(), unsigned + body[2], ""},
		{line(), body[0] + "." + body[1] + "." + body[2][:len(body[2])-8], ""},
		{line(), "", ""},
		{line(), "..", ""},
		{line(), strings.Repeat("x", maxToken+1), ""},
	} {
		client, err := v.Client(t.Context(), row.token)
		if client != row.want || (err == nil) != (row.want != "") || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("line %d: %q, %v; want %q", row.line, client, err, row.want)
		}
	}
}

// ★ A token counts until it ends, also when it is remembered.
func TestRememberedTokensEnd(t *testing.T) {
	i := newIdentity(t)
	k := newKey(t, "1", jose.ES256)
	i.keys.Keys = []jose.JSONWebKey{k.public()}
	v, c := newVerifier(t, i, nil)
	token := sign(t, k.alg, k.private, k.id, good(nil))
	for _, want := range []bool{true, true, true, false} {
		if _, err := v.Client(t.Context(), token); (err == nil) != want {
			t.Errorf("at %s: %v", c.Now(), err)
		}
		c.Pass(25 * time.Minute)
	}
}

// ★ New keys are found when a token names them, withdrawn ones are gone with
// what they signed, and nobody makes us ask the server all the time.
func TestRotation(t *testing.T) {
	i := newIdentity(t)
	one, two := newKey(t, "1", jose.RS256), newKey(t, "2", jose.ES256)
	i.keys.Keys = []jose.JSONWebKey{one.public()}
	v, c := newVerifier(t, i, nil)
	first, second := sign(t, one.alg, one.private, "1", good(nil)), sign(t, two.alg, two.private, "2", good(nil))
	accepted := func(token string) bool { _, err := v.Client(t.Context(), token); return err == nil }
	if !accepted(first) || accepted(second) || i.asked() != 1 {
		t.Fatalf("before the rotation; asked %d times", i.asked())
	}
	i.set(func() { i.keys.Keys = append(i.keys.Keys, two.public()) })
	for range 100 {
		if accepted(second) {
			t.Fatal("a key id that was just asked for is asked for again")
		}
	}
	c.Pass(pause)
	if !accepted(second) || !accepted(first) || i.asked() != 2 {
		t.Fatalf("after the rotation; asked %d times", i.asked())
	}
	i.set(func() { i.keys.Keys = i.keys.Keys[1:] })
	c.Pass(fresh)
	if err := v.refresh(t.Context(), v.keys.Load()); err != nil {
		t.Fatal(err)
	}
	if accepted(first) || !accepted(second) {
		t.Error("the withdrawn key goes on")
	}
}

// ★ While the server is away the cached keys go on; without any, nothing can be
// said of a token.
func TestServerAway(t *testing.T) {
	i := newIdentity(t)
	k, other := newKey(t, "1", jose.RS256), newKey(t, "2", jose.ES256)
	i.keys.Keys, i.away = []jose.JSONWebKey{k.public()}, true
	v, c := newVerifier(t, i, nil)
	ask := func(k key) error {
		_, err := v.Client(t.Context(), sign(t, k.alg, k.private, k.id, good(map[string]any{"jti": c.Now().String()})))
		return err
	}
	for range 10 {
		if err := ask(k); !errors.Is(err, ErrNoKeys) {
			t.Fatalf("without keys: %v", err)
		}
	}
	if i.asked() != 1 {
		t.Errorf("asked %d times within %s", i.asked(), pause)
	}
	i.set(func() { i.away = false })
	c.Pass(pause)
	if err := ask(k); err != nil {
		t.Fatal(err)
	}
	i.set(func() { i.away = true })
	c.Pass(10 * time.Minute)
	if err := v.refresh(t.Context(), v.keys.Load()); err == nil {
		t.Error("the server is away and answers")
	}
	if err := ask(k); err != nil {
		t.Errorf("with cached keys: %v", err)
	}
	if err := ask(other); !errors.Is(err, ErrNoKeys) {
		t.Errorf("a key that may be new: %v", err)
	}
}

// ★ Keys that could not be asked for again for too long open nothing, remembered
// tokens neither.
func TestKeysLapse(t *testing.T) {
	i := newIdentity(t)
	k := newKey(t, "1", jose.ES256)
	i.keys.Keys = []jose.JSONWebKey{k.public()}
	v, c := newVerifier(t, i, nil)
	token := sign(t, k.alg, k.private, k.id, good(map[string]any{"exp": noon.Add(24 * time.Hour).Unix()}))
	ask := func() error {
		_, err := v.Client(t.Context(), token)
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	i.set(func() { i.away = true })
	c.Pass(trusted)
	if err := ask(); err != nil {
		t.Errorf("still trusted: %v", err)
	}
	c.Pass(time.Second)
	for range 3 {
		if err := ask(); !errors.Is(err, ErrNoKeys) {
			t.Errorf("lapsed: %v", err)
		}
	}
	i.set(func() { i.away = false })
	c.Pass(pause)
	for range 3 {
		if err := ask(); err != nil {
			t.Errorf("the server is back: %v", err)
		}
		c.Pass(trusted)
	}
}

// ★ However many tokens name keys that nobody knows, one request at a time waits
// for the server.
func TestOneWaits(t *testing.T) {
	asked, answer := make(chan struct{}, 100), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-answer
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer server.Close()
	v, _ := newVerifier(t, &identity{Server: server}, nil)
	k := newKey(t, "invented", jose.ES256)
	token := sign(t, k.alg, k.private, k.id, good(nil))
	answers := make(chan error, 20)
	ask := func() {
		_, err := v.Client(t.Context(), token)
		answers <- err
	}
	go ask()
	<-asked
	for range 19 {
		go ask()
	}
	expect := func() {
		t.Helper()
		select {
		case err := <-answers:
			if !errors.Is(err, ErrNoKeys) {
				t.Error(err)
			}
		case <-time.After(3 * time.Second):
			t.Error("a request waits")
		}
	}
	for range 19 {
		expect()
	}
	close(answer)
	expect()
	if len(asked) > 0 {
		t.Errorf("asked %d times more", len(asked))
	}
}

// A set is read from a file too; keys that are not public are none of it.
func TestKeySets(t *testing.T) {
	rs := newKey(t, "rs", jose.RS256)
	private := jose.JSONWebKey{Key: rs.private, KeyID: "rs", Algorithm: "RS256", Use: "sig"}
	secret := jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef"), KeyID: "hs", Algorithm: "HS256", Use: "sig"}
	encryption := rs.public()
	encryption.Use = "enc"
	set := func(list ...jose.JSONWebKey) string {
		text, err := json.Marshal(jose.JSONWebKeySet{Keys: list})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, row := range []struct {
		line int
		text string
		keys int
	}{
		{line(), set(rs.public()), 1},
		{line(), set(secret, rs.public(), private, encryption), 1},
		{line(), strings.Replace(set(rs.public()), `"keys":[`, `"keys":[{"kty":"later"},7,`, 1), 1},
		{line(), set(secret), 0},
		{line(), set(), 0},
		{line(), "{}", 0},
		{line(), "<html>", 0},
	} {
		file := filepath.Join(t.TempDir(), "jwks.json")
		if err := os.WriteFile(file, []byte(row.text), 0o600); err != nil {
			t.Fatal(err)
		}
		v, _ := newVerifier(t, &identity{Server: &httptest.Server{}}, func(c *Config) { c.JWKSURL, c.JWKSFile = "", file })
		err := v.refresh(t.Context(), nil)
		if (err == nil) != (row.keys > 0) || err == nil && len(v.keys.Load().list) != row.keys {
			t.Errorf("line %d: %v", row.line, err)
		}
	}
}

// No token and no claim gets into the log or an error.
func TestNothingIsQuoted(t *testing.T) {
	i := newIdentity(t)
	i.away = true
	v, _ := newVerifier(t, i, nil)
	var log bytes.Buffer
	v.log = slog.New(slog.NewTextHandler(&log, nil))
	k := newKey(t, "CANARY", jose.ES256)
	_, err := v.Client(t.Context(), sign(t, k.alg, k.private, k.id, good(map[string]any{"sub": "CANARY"})))
	if text := fmt.Sprint(err, log.String()); err == nil || strings.Contains(text, "CANARY") || strings.Contains(text, "eyJ") {
		t.Errorf("says: %s", text)
	}
}

func TestConfigFaults(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	base := Config{Issuer: "https://id.example", Audience: "brume", JWKSURL: "https://id.example/keys", Algorithms: []string{"RS256"}}
	for _, row := range []struct {
		line int
		edit func(*Config)
		want string
	}{
		{line(), func(*Config) {}, ""},
		{line(), func(c *Config) { c.JWKSURL = "http://127.0.0.1:8000/keys" }, ""},
		{line(), func(c *Config) { c.Issuer = "" }, "issuer"},
		{line(), func(c *Config) { c.Audience = "" }, "audience"},
		{line(), func(c *Config) { c.JWKSURL = "" }, "jwks_url"},
		{line(), func(c *Config) { c.JWKSFile = "keys.json" }, "jwks_url"},
		{line(), func(c *Config) { c.JWKSURL = "http://id.example/keys" }, "https"},
		{line(), func(c *Config) { c.JWKSURL = "http://127.0.0.1.evil.example/keys" }, "https"},
		{line(), func(c *Config) { c.JWKSURL = "https://u:p@id.example/keys" }, "credentials"},
		{line(), func(c *Config) { c.Algorithms = nil }, "algorithms"},
		{line(), func(c *Config) { c.Algorithms = []string{"HS256"} }, "HS256"},
		{line(), func(c *Config) { c.Algorithms = []string{"none"} }, "none"},
		{line(), func(c *Config) { c.Leeway = time.Hour }, "leeway"},
	} {
		cfg := base
		row.edit(&cfg)
		if err := cfg.Validate(); (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("line %d: %v, want %q", row.line, err, row.want)
		}
	}
}

func BenchmarkClient(b *testing.B) {
	i := newIdentity(b)
	k := newKey(b, "1", jose.RS256)
	i.keys.Keys = []jose.JSONWebKey{k.public()}
	v, _ := newVerifier(b, i, nil)
	token := sign(b, k.alg, k.private, k.id, good(nil))
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Client(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verified", func(b *testing.B) {
		for b.Loop() {
			v.keys.Load().verified.tokens = nil
			if _, err := v.Client(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
