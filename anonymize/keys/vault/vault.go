package vault

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
	"github.com/tink-crypto/tink-go-hcvault/v2/integration/hcvault"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/anonymize/keys"
	"brume/schemas/event/keyring"
)

// How long a request may take, and how often it is tried again when Vault does
// not answer or fails: who starts must know within seconds.
const (
	timeout = 5 * time.Second
	retries = 2
)

// Open returns the key-encryption key, or nil when no Vault is configured. It
// does not ask Vault yet.
func (c Config) Open() (*keys.KEK, error) {
	if c.Addr == "" {
		return nil, nil
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	remote, err := hcvault.NewAEAD("/"+c.Key, client.Logical())
	if err != nil {
		return nil, fmt.Errorf("vault.key: %w", err)
	}
	k := &kek{remote: remote, client: client, tokenFile: c.TokenFile}
	if err := k.login(); err != nil {
		return nil, err
	}
	return &keys.KEK{AEAD: k, Name: "vault " + c.Key}, nil
}

// client follows this configuration only: no variable of Vault's own tools, and
// no redirection to a host that nobody named.
func (c Config) client() (*api.Client, error) {
	cfg := api.DefaultConfig()
	if cfg.Error != nil {
		return nil, errors.New("vault: a VAULT_… variable of the environment is not valid; none is used here")
	}
	cfg.Address, cfg.AgentAddress, cfg.SRVLookup = c.Addr, "", false
	cfg.Timeout, cfg.MaxRetries, cfg.Limiter = timeout, retries, nil
	cfg.DisableRedirects = true
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	cfg.HttpClient = &http.Client{Transport: transport, Timeout: timeout}
	if err := cfg.ConfigureTLS(&api.TLSConfig{CACert: c.CAFile}); err != nil {
		return nil, fmt.Errorf("vault.ca_file: %w", err)
	}
	client, err := api.NewClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	client.SetHeaders(http.Header{api.RequestHeaderName: {"true"}}) // none of VAULT_HEADERS, VAULT_NAMESPACE
	return client, nil
}

// kek asks Vault, and tells a Vault that is out of reach from one that says no.
type kek struct {
	remote    tink.AEAD
	client    *api.Client
	tokenFile string
}

// login takes the token that the file holds now.
func (k *kek) login() error {
	data, err := keyring.ReadFile(k.tokenFile)
	if err != nil {
		return fmt.Errorf("vault.token_file: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if token == "" {
		return errors.New("vault.token_file is empty")
	}
	k.client.SetToken(token)
	return nil
}

// Encrypt wraps.
func (k *kek) Encrypt(plaintext, context []byte) ([]byte, error) {
	return k.ask(k.remote.Encrypt, plaintext, context)
}

// Decrypt unwraps.
func (k *kek) Decrypt(ciphertext, context []byte) ([]byte, error) {
	return k.ask(k.remote.Decrypt, ciphertext, context)
}

func (k *kek) ask(fn func(data, context []byte) ([]byte, error), data, context []byte) ([]byte, error) {
	if err := k.login(); err != nil {
		return nil, fmt.Errorf("%w: %w", keys.ErrKEK, err)
	}
	out, err := fn(data, context)
	if err != nil {
		return nil, k.fault(err)
	}
	return out, nil
}

// fault says what Vault answered. Its own words name a path and never a key.
func (k *kek) fault(err error) error {
	var answer *api.ResponseError
	switch {
	case !errors.As(err, &answer):
		return fmt.Errorf("%w: Vault at %s is away: %w", keys.ErrKEK, k.client.Address(), err)
	case answer.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: Vault at %s refuses the token of vault.token_file (403)", keys.ErrKEK, k.client.Address())
	case answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusPreconditionFailed:
		return fmt.Errorf("%w: Vault at %s is sealed or failing (%d)", keys.ErrKEK, k.client.Address(), answer.StatusCode)
	}
	return fmt.Errorf("the Vault at %s says no (%d): %s", k.client.Address(), answer.StatusCode, strings.Join(answer.Errors, "; "))
}
