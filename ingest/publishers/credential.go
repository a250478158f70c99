package publishers

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// credential is what a request comes with: exactly one kind.
type credential struct {
	kind        Kind   // NoKind: nothing that can be read
	key, secret string // of a Secret
	token       string // of a Client
	certificate *x509.Certificate
}

// present finds the credential of a request. Several are refused rather than
// tried in turn: nobody could say later by which one a statement came.
func present(r *http.Request, now time.Time) (credential, error) {
	header := r.Header["Authorization"]
	cert := verified(r, now)
	switch {
	case len(header) > 1, len(header) == 1 && cert != nil:
		return credential{}, ErrSeveral
	case cert != nil:
		return credential{kind: Certificate, certificate: cert}, nil
	case len(header) == 1:
		return parseHeader(header[0]), nil
	}
	return credential{kind: NoKind}, nil
}

// verified gives the client's certificate, nil unless an authority of ours
// vouched for it and it is valid now: a connection may outlive it.
func verified(r *http.Request, now time.Time) *x509.Certificate {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 || len(r.TLS.VerifiedChains[0]) == 0 {
		return nil
	}
	cert := r.TLS.VerifiedChains[0][0]
	if now.After(cert.NotAfter) || now.Before(cert.NotBefore) {
		return nil
	}
	return cert
}

// parseHeader reads the value of an Authorization header (RFC 7617, RFC 6750).
func parseHeader(value string) credential {
	scheme, rest, _ := strings.Cut(value, " ")
	switch {
	case strings.EqualFold(scheme, "Basic"):
		text, err := base64.StdEncoding.DecodeString(rest)
		if key, secret, ok := strings.Cut(string(text), ":"); err == nil && ok {
			return credential{kind: Secret, key: key, secret: secret}
		}
	case strings.EqualFold(scheme, "Bearer") && rest != "" && !strings.ContainsFunc(rest, notB64Token):
		return credential{kind: Client, token: rest}
	}
	return credential{kind: NoKind}
}

func notB64Token(c rune) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return false
	}
	return !strings.ContainsRune("-._~+/=", c)
}

// Fingerprint is what a certificate is known by.
func Fingerprint(cert *x509.Certificate) [sha256.Size]byte { return sha256.Sum256(cert.Raw) }
