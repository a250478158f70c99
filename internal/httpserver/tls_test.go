package httpserver

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"brume/internal/testenv"
)

// trusting is a client of at most the given version of TLS.
func trusting(t *testing.T, certFile string, most uint16) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate")
	}
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: most}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// With a certificate the server speaks TLS from 1.2 on, and nothing else.
func TestTLS(t *testing.T) {
	cfg := DefaultConfig()
	cfg.CertFile, cfg.KeyFile = testenv.Certificate(t)
	if err := cfg.Validate(); err != nil || cfg.Scheme() != "https" {
		t.Fatalf("%s, %v", cfg.Scheme(), err)
	}
	url, _ := start(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, tls.VersionName(r.TLS.Version)+" "+r.Proto)
	}, slog.New(slog.DiscardHandler))
	secure := strings.Replace(url, "http://", "https://", 1)
	for most, want := range map[uint16]string{tls.VersionTLS13: "TLS 1.3 HTTP/2.0", tls.VersionTLS12: "TLS 1.2 HTTP/2.0", tls.VersionTLS11: ""} {
		resp, err := trusting(t, cfg.CertFile, most).Get(secure)
		if err != nil {
			if want != "" {
				t.Errorf("%s: %v", tls.VersionName(most), err)
			}
			continue
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(text) != want {
			t.Errorf("%s: got %q, want %q", tls.VersionName(most), text, want)
		}
	}
	resp, err := http.Get(url)
	if err == nil {
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("in the clear: %d", resp.StatusCode)
		}
	}
}

func TestTLSFaults(t *testing.T) {
	cert, key := testenv.Certificate(t)
	_, other := testenv.Certificate(t)
	for want, files := range map[string][2]string{
		"go together":         {cert, ""},
		"cert_file and":       {"", key},
		"cert_file, key_file": {cert, other},
		"no such file":        {cert + "x", key},
	} {
		cfg := DefaultConfig()
		cfg.CertFile, cfg.KeyFile = files[0], files[1]
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("does not say %q: %v", want, err)
		}
	}
}
