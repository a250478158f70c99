package vault_test

import (
	"testing"

	"brume/anonymize/keys/vault"
)

func TestValidate(t *testing.T) {
	good := vault.Config{Addr: "https://vault.example:8200", Key: "transit/keys/brume", TokenFile: "token"}
	for name, test := range map[string]struct {
		change func(*vault.Config)
		ok     bool
	}{
		"complete":               {func(*vault.Config) {}, true},
		"nothing":                {func(c *vault.Config) { *c = vault.Config{} }, true},
		"clear on loopback":      {func(c *vault.Config) { c.Addr = "http://127.0.0.1:8200" }, true},
		"mount of several parts": {func(c *vault.Config) { c.Key = "eu/transit/keys/brume" }, true},
		"clear off loopback":     {func(c *vault.Config) { c.Addr = "http://vault.example:8200" }, false},
		"clear by a name":        {func(c *vault.Config) { c.Addr = "http://localhost:8200" }, false},
		"no scheme":              {func(c *vault.Config) { c.Addr = "vault.example:8200" }, false},
		"a password":             {func(c *vault.Config) { c.Addr = "https://a:b@vault.example" }, false},
		"no address":             {func(c *vault.Config) { c.Addr = "" }, false},
		"no key":                 {func(c *vault.Config) { c.Key = "" }, false},
		"a path that is no key":  {func(c *vault.Config) { c.Key = "transit/brume" }, false},
		"a path that climbs":     {func(c *vault.Config) { c.Key = "transit/../keys/brume" }, false},
		"no token":               {func(c *vault.Config) { c.TokenFile = "" }, false},
		"authority missing":      {func(c *vault.Config) { c.CAFile = "absent.pem" }, false},
	} {
		c := good
		test.change(&c)
		if err := c.Validate(); (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
