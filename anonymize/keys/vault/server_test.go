package vault_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json/v2"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"brume/anonymize/keys"
	"brume/anonymize/keys/vault"
	"brume/internal/testenv"
)

// server is a real Vault of the test's own: `make vault` builds it.
type server struct {
	Addr, Token, Unseal string

	t      testing.TB
	client *http.Client
	config vault.Config
	stop   func()
}

// start runs a Vault with TLS and a transit key, or leaves the test out: in CI it fails.
func start(t testing.TB) *server {
	t.Helper()
	binary := os.Getenv("BRUME_TEST_VAULT")
	if binary == "" {
		testenv.Missing(t, "BRUME_TEST_VAULT names no Vault: make test-vault")
	}
	dir := t.TempDir()
	cert, key, pool := certificate(t, dir)
	cmd := exec.Command(binary, "-cert", cert, "-key", key)
	cmd.Stderr = io.Discard
	in, err := cmd.StdinPipe() // it ends with us
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	s := &server{t: t, client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}}
	s.stop = func() { _ = in.Close(); _ = cmd.Wait() }
	t.Cleanup(s.stop)
	line, err := bufio.NewReader(out).ReadBytes('\n')
	check(t, err)
	check(t, json.Unmarshal(line, s, json.MatchCaseInsensitiveNames(true)))
	s.do("POST", "sys/mounts/transit", map[string]any{"type": "transit"})
	s.do("POST", "transit/keys/brume", nil)
	s.do("POST", "transit/keys/other", nil)
	s.config = vault.Config{Addr: s.Addr, Key: "transit/keys/brume", TokenFile: filepath.Join(dir, "token"), CAFile: cert}
	check(t, os.WriteFile(s.config.TokenFile, []byte(s.Token+"\n"), 0o600))
	check(t, s.config.Validate())
	return s
}

// certificate writes the certificate of httptest, which is its own authority.
func certificate(t testing.TB, dir string) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	pair := web.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	check(t, err)
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	check(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600))
	check(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	pool = x509.NewCertPool()
	pool.AddCert(web.Certificate())
	return cert, key, pool
}

// do asks Vault as root and returns the answer.
func (s *server) do(method, path string, body any) (answer map[string]any) {
	s.t.Helper()
	data, err := json.Marshal(body)
	check(s.t, err)
	r, err := http.NewRequest(method, s.Addr+"/v1/"+path, bytes.NewReader(data))
	check(s.t, err)
	r.Header.Set("X-Vault-Token", s.Token)
	resp, err := s.client.Do(r)
	check(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	check(s.t, err)
	if resp.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, text)
	}
	_ = json.Unmarshal(text, &answer)
	return answer
}

func (s *server) seal()   { s.do("PUT", "sys/seal", nil) }
func (s *server) unseal() { s.do("PUT", "sys/unseal", map[string]any{"key": s.Unseal}) }

// kek opens the configured key.
func (s *server) kek() *keys.KEK {
	s.t.Helper()
	kek, err := s.config.Open()
	check(s.t, err)
	return kek
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
