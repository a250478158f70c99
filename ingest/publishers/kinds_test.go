package publishers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json/v2"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"brume/ingest/publishers/tokens"
	"brume/internal/httpserver"
	"brume/internal/kafka"
	"brume/internal/testenv"
)

// issuer makes tokens, and the verifier that accepts them.
func issuer(t *testing.T) (token func(client string) string, v *tokens.Verifier) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "1", Algorithm: "ES256", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := tokens.DefaultConfig()
	cfg.Issuer, cfg.Audience, cfg.JWKSFile = "https://id.example", "brume", filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(cfg.JWKSFile, set, 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "1"))
	if err != nil {
		t.Fatal(err)
	}
	return func(client string) string {
		text, err := jwt.Signed(signer).Claims(map[string]any{"iss": cfg.Issuer, "aud": cfg.Audience, "exp": time.Now().Add(time.Hour).Unix(), "client_id": client}).Serialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}, tokens.New(cfg, slog.New(slog.DiscardHandler), time.Now)
}

func bearer(token string) *http.Request {
	r := asking("", "")
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

// ★ A token lets in the client that the registry knows, as long as it knows it:
// that the token is remembered changes nothing.
func TestClients(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c, ctx := client(t, cfg), t.Context()
		token, verifier := issuer(t)
		admin := NewAdmin(c, time.Now)
		with, without := followWith(t, c, verifier), follow(t, c)
		i, err := admin.Register(ctx, "calcul", Source{Name: "generic"}, Grant{Client: "calcul-client", Sandbox: true})
		if err != nil {
			t.Fatal(err)
		}
		text := token("calcul-client")
		accepted := func(s *Store) bool {
			p, err := s.Authenticate(bearer(text))
			return err == nil && p.Name == "calcul" && p.Key == i.Key.ID && p.Sandbox
		}
		eventually(t, "the client", func() bool { return accepted(with) })
		if accepted(without) {
			t.Error("a token without an identity server")
		}
		for _, row := range []struct {
			r    *http.Request
			want []string
		}{
			{bearer(token("stranger")), []string{BasicChallenge, `Bearer realm="brume", error="invalid_token"`}},
			{asking("calcul-client", text), []string{BasicChallenge, `Bearer realm="brume"`}},
		} {
			_, err := with.Authenticate(row.r)
			d, ok := errors.AsType[*Denial](err)
			if !ok || !errors.Is(err, ErrDenied) || !slices.Equal(d.Challenges, row.want) {
				t.Errorf("got %v, %+v", err, d)
			}
		}
		both := bearer(text)
		both.Header.Add("Authorization", "Basic eDp5")
		if _, err := with.Authenticate(both); !errors.Is(err, ErrSeveral) {
			t.Errorf("a token and a key: %v", err)
		}
		if err := admin.Revoke(ctx, "calcul", i.Key.ID); err != nil {
			t.Fatal(err)
		}
		eventually(t, "revoked", func() bool { return !accepted(with) })
	})
}

func TestIdentityAway(t *testing.T) {
	c := client(t, testenv.Kafka(t))
	cfg := tokens.DefaultConfig()
	cfg.Issuer, cfg.Audience, cfg.JWKSFile = "https://id.example", "brume", filepath.Join(t.TempDir(), "none")
	s := followWith(t, c, tokens.New(cfg, slog.New(slog.DiscardHandler), time.Now))
	token, _ := issuer(t)
	eventually(t, "ready", func() bool { return s.Ready() == nil })
	if _, err := s.Authenticate(bearer(token("x"))); !errors.Is(err, ErrIdentity) {
		t.Errorf("got %v", err)
	}
}

// ★ A certificate of our authority lets in whom the registry knows by it, over
// a real connection, and no longer than that.
func TestCertificates(t *testing.T) {
	c, ctx := client(t, testenv.Kafka(t)), t.Context()
	s := follow(t, c)
	admin := NewAdmin(c, time.Now)
	ca := testenv.NewAuthority(t)
	known, unknown := ca.Issue(t, time.Now().Add(time.Hour)), ca.Issue(t, time.Now().Add(time.Hour))
	print := Fingerprint(known.Leaf)
	i, err := admin.Register(ctx, "calcul", Source{Name: "generic"}, Grant{Certificate: strings.ToUpper(hex.EncodeToString(print[:]))})
	if err != nil {
		t.Fatal(err)
	}
	key, secret, err := admin.Add(ctx, "lecture", "generic")
	if err != nil {
		t.Fatal(err)
	}
	url, server := serve(t, ca, s)
	ask := func(show *tls.Certificate, basic bool) string {
		r, _ := http.NewRequest(http.MethodGet, url, nil)
		if basic {
			r.SetBasicAuth(key, secret)
		}
		return answered(t, server, show, r)
	}
	eventually(t, "the certificate", func() bool { return ask(&known, false) == "calcul "+i.Key.ID })
	eventually(t, "the secret", func() bool { return ask(nil, true) == "lecture "+key })
	for what, row := range map[string]struct{ got, want string }{
		"unknown":      {ask(&unknown, false), ErrDenied.Error()},
		"none":         {ask(nil, false), ErrDenied.Error()},
		"both":         {ask(&known, true), ErrSeveral.Error()},
		"unknown both": {ask(&unknown, true), ErrSeveral.Error()},
	} {
		if row.got != row.want {
			t.Errorf("%s: got %q, want %q", what, row.got, row.want)
		}
	}
	if err := admin.Revoke(ctx, "calcul", i.Key.ID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "revoked", func() bool { return ask(&known, false) == ErrDenied.Error() })
}

// A connection may outlive the certificate that it began with.
func TestACertificateEndsOnItsConnection(t *testing.T) {
	c := client(t, testenv.Kafka(t))
	s := follow(t, c)
	cert := testenv.NewAuthority(t).Issue(t, time.Now().Add(time.Hour))
	print := Fingerprint(cert.Leaf)
	if _, err := NewAdmin(c, time.Now).Register(t.Context(), "calcul", Source{Name: "generic"}, Grant{Certificate: hex.EncodeToString(print[:])}); err != nil {
		t.Fatal(err)
	}
	r := asking("", "")
	r.Header.Del("Authorization")
	r.TLS = &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{cert.Leaf}}}
	eventually(t, "accepted", func() bool { _, err := s.Authenticate(r); return err == nil })
	got, err := present(r, cert.Leaf.NotAfter.Add(time.Second))
	if err != nil || got.kind != NoKind {
		t.Errorf("after its end: %+v, %v", got, err)
	}
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert.Leaf}}
	if _, err := s.Authenticate(r); !errors.Is(err, ErrDenied) {
		t.Errorf("nobody vouched for it: %v", err)
	}
}

// serve answers over TLS with whom the store recognises.
func serve(t *testing.T, ca *testenv.Authority, s *Store) (url, certFile string) {
	t.Helper()
	cfg := httpserver.DefaultConfig()
	cfg.Listen, cfg.ClientCAFile = "127.0.0.1:0", ca.File
	cfg.CertFile, cfg.KeyFile = testenv.Certificate(t)
	server := httpserver.New(cfg, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := s.Authenticate(r)
		if err != nil {
			_, _ = io.WriteString(w, err.Error())
			return
		}
		_, _ = io.WriteString(w, p.Name+" "+p.Key)
	}), slog.New(slog.DiscardHandler))
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	run(t, server.Run)
	return "https://" + server.Addr(), cfg.CertFile
}

// answered sends a request on a connection of its own that shows a certificate.
func answered(t *testing.T, certFile string, show *tls.Certificate, r *http.Request) string {
	t.Helper()
	pem, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	if show != nil {
		transport.TLSClientConfig.Certificates = []tls.Certificate{*show}
	}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
