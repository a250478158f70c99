package httpserver

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"brume/internal/testenv"
)

// ★ A client may show a certificate; one that is not vouched for, or is not
// valid any more, ends the connection, and nothing of it reaches a handler.
func TestClientCertificates(t *testing.T) {
	ours, theirs := testenv.NewAuthority(t), testenv.NewAuthority(t)
	cfg := DefaultConfig()
	cfg.CertFile, cfg.KeyFile = testenv.Certificate(t)
	cfg.ClientCAFile = ours.File
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	url, _ := start(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strconv.Itoa(len(r.TLS.VerifiedChains)))
	}, slog.New(slog.DiscardHandler))
	hour := time.Now().Add(time.Hour)
	for name, row := range map[string]struct {
		show []tls.Certificate
		want string // "" is a refused connection
	}{
		"none":    {nil, "0"},
		"ours":    {[]tls.Certificate{ours.Issue(t, hour)}, "1"},
		"theirs":  {[]tls.Certificate{theirs.Issue(t, hour)}, ""},
		"expired": {[]tls.Certificate{ours.Issue(t, time.Now().Add(-time.Minute))}, ""},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			client := trusting(t, cfg.CertFile, version)
			// Clients pick a certificate that the server's authorities made: this one insists.
			client.Transport.(*http.Transport).TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if row.show == nil {
					return &tls.Certificate{}, nil
				}
				return &row.show[0], nil
			}
			got := ""
			if resp, err := client.Get(strings.Replace(url, "http://", "https://", 1)); err == nil {
				text, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				got = string(text)
			}
			if got != row.want {
				t.Errorf("%s, %s: got %q, want %q", name, tls.VersionName(version), got, row.want)
			}
		}
	}
}

func TestClientCAFaults(t *testing.T) {
	cert, key := testenv.Certificate(t)
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, files := range map[string][3]string{
		"goes with cert_file": {"", "", cert},
		"no certificate":      {cert, key, empty},
		"no such file":        {cert, key, empty + "x"},
	} {
		cfg := DefaultConfig()
		cfg.CertFile, cfg.KeyFile, cfg.ClientCAFile = files[0], files[1], files[2]
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("does not say %q: %v", want, err)
		}
	}
}
