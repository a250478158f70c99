package tokens

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	fetchTime = 5 * time.Second
	maxSet    = 1 << 20 // bytes
	maxKeys   = 20
)

// keys are one version of the server's published keys. What was verified with
// them is remembered with them, so that a withdrawn key takes its tokens along.
type keys struct {
	digest   [sha256.Size]byte
	list     []jose.JSONWebKey
	verified cache
}

// of gives the keys that may have made a signature. A token without a key id
// may be of any key that fits.
func (k *keys) of(kid string, alg jose.SignatureAlgorithm) (fit []*jose.JSONWebKey) {
	if k == nil {
		return nil
	}
	for i := range k.list {
		key := &k.list[i]
		if (kid == "" || key.KeyID == kid) && (key.Algorithm == "" || key.Algorithm == string(alg)) {
			fit = append(fit, key)
		}
	}
	return fit
}

// parseKeys reads a JWK set. Keys that no signature can be checked with, or
// that are not public, are left out; a set without any other is an error.
func parseKeys(text []byte) (*keys, error) {
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, errors.New("it is no JWK set")
	}
	k := &keys{digest: sha256.Sum256(text)}
	for _, raw := range set.Keys[:min(len(set.Keys), maxKeys)] {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(raw); err == nil && key.Valid() && key.IsPublic() && (key.Use == "" || key.Use == "sig") {
			k.list = append(k.list, key)
		}
	}
	if len(k.list) == 0 {
		return nil, errors.New("it has no public key for signatures")
	}
	return k, nil
}

// fetch reads the published keys, from the server or the file.
func (v *Verifier) fetch(ctx context.Context) (*keys, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	text, err := v.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("fetching the identity server's keys: %w", err)
	}
	k, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("reading the identity server's keys: %w", err)
	}
	return k, nil
}

func (v *Verifier) read(ctx context.Context) ([]byte, error) {
	if v.cfg.JWKSFile != "" {
		return os.ReadFile(v.cfg.JWKSFile)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.cfg.JWKSURL, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/jwk-set+json, application/json")
	answer, err := v.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", answer.StatusCode)
	}
	var text bytes.Buffer
	if n, err := io.Copy(&text, io.LimitReader(answer.Body, maxSet+1)); err != nil {
		return nil, err
	} else if n > maxSet {
		return nil, errors.New("the set is too large")
	}
	return text.Bytes(), nil
}
