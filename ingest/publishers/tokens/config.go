package tokens

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Config names the identity server. Without an issuer no token is accepted.
type Config struct {
	Issuer     string        `koanf:"issuer"`     // the tokens' iss, exactly
	Audience   string        `koanf:"audience"`   // one of the tokens' aud
	JWKSURL    string        `koanf:"jwks_url"`   // where the server publishes its keys
	JWKSFile   string        `koanf:"jwks_file"`  // or a file that holds them
	Algorithms []string      `koanf:"algorithms"` // accepted signatures
	Leeway     time.Duration `koanf:"leeway"`     // by which clocks may differ
}

// DefaultConfig accepts no token yet.
func DefaultConfig() Config {
	return Config{Algorithms: []string{"RS256", "ES256"}, Leeway: 30 * time.Second}
}

// Enabled says whether an identity server is configured.
func (c Config) Enabled() bool {
	return c.Issuer != "" || c.Audience != "" || c.JWKSURL != "" || c.JWKSFile != ""
}

// asymmetric are the signatures that can be checked without a secret. A public
// key is none: HS256 with it as its secret would let everybody sign.
var asymmetric = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA}

func (c Config) algorithms() []jose.SignatureAlgorithm {
	list := make([]jose.SignatureAlgorithm, len(c.Algorithms))
	for i, a := range c.Algorithms {
		list[i] = jose.SignatureAlgorithm(a)
	}
	return list
}

// maxLeeway bounds for how long an expired token is taken.
const maxLeeway = 5 * time.Minute

// Validate reports every fault at once.
func (c Config) Validate() error {
	if !c.Enabled() {
		return nil
	}
	var errs []error
	if c.Issuer == "" {
		errs = append(errs, errors.New("issuer: want the identity server's name"))
	}
	if c.Audience == "" {
		errs = append(errs, errors.New("audience: want the name by which tokens mean this installation"))
	}
	if (c.JWKSURL == "") == (c.JWKSFile == "") {
		errs = append(errs, errors.New("want jwks_url or jwks_file"))
	}
	if c.JWKSURL != "" {
		errs = append(errs, validateURL(c.JWKSURL))
	}
	if len(c.Algorithms) == 0 {
		errs = append(errs, errors.New("algorithms: want at least one"))
	}
	for _, a := range c.algorithms() {
		if !slices.Contains(asymmetric, a) {
			errs = append(errs, fmt.Errorf("algorithms: %q is none of %v", a, asymmetric))
		}
	}
	if c.Leeway < 0 || c.Leeway > maxLeeway {
		errs = append(errs, fmt.Errorf("leeway: want 0 to %s", maxLeeway))
	}
	return errors.Join(errs...)
}

// validateURL wants TLS: whoever can change the keys on their way can make
// tokens.
func validateURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return errors.New("jwks_url: want an https URL without credentials")
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && !(u.Scheme == "http" && ip != nil && ip.IsLoopback()) {
		return errors.New("jwks_url: want https")
	}
	return nil
}
