// Command vault is a Vault for tests: HashiCorp's own core, HTTP interface and
// transit engine, in memory, unsealed, on a free port of the loopback address.
//
// It prints one line of JSON, {"addr", "token", "unseal"}, and ends when its
// standard input does. With -cert and -key it speaks TLS.
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	log "github.com/hashicorp/go-hclog"
	"github.com/hashicorp/vault/builtin/logical/transit"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

func main() {
	cert, key := flag.String("cert", "", "certificate"), flag.String("key", "", "its private key")
	flag.Parse()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if err := run(*cert, *key); err != nil {
		fmt.Fprintln(os.Stderr, "vault:", err)
		os.Exit(1)
	}
}

func run(cert, key string) error {
	core, keys, err := unsealed()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	scheme := "http"
	if cert != "" {
		scheme = "https"
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{
		"addr": scheme + "://" + l.Addr().String(), "token": keys.RootToken, "unseal": hex.EncodeToString(keys.SecretShares[0]),
	}); err != nil {
		return err
	}
	server := &http.Server{Handler: vaulthttp.Handler.Handler(&vault.HandlerProperties{Core: core})}
	if cert != "" {
		return server.ServeTLS(l, cert, key)
	}
	return server.Serve(l)
}

// unsealed returns a fresh core that is ready.
func unsealed() (*vault.Core, *vault.InitResult, error) {
	logger := log.New(&log.LoggerOptions{Level: log.Error, Output: os.Stderr})
	storage, err := inmem.NewInmem(nil, logger)
	if err != nil {
		return nil, nil, err
	}
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical: storage, Logger: logger, DisableMlock: true,
		LogicalBackends: map[string]logical.Factory{"transit": transit.Factory},
		BuiltinRegistry: only{},
	})
	if err != nil {
		return nil, nil, err
	}
	one := func() *vault.SealConfig { return &vault.SealConfig{SecretShares: 1, SecretThreshold: 1} }
	keys, err := core.Initialize(context.Background(), &vault.InitParams{BarrierConfig: one(), RecoveryConfig: one()})
	if err != nil {
		return nil, nil, err
	}
	_, err = vault.TestCoreUnseal(core, keys.SecretShares[0])
	return core, keys, err
}

// only is the catalogue of plugins: the transit engine.
type only struct{}

func (only) Contains(name string, kind consts.PluginType) bool {
	return name == "transit" && kind == consts.PluginTypeSecrets
}

func (o only) Get(name string, kind consts.PluginType) (func() (interface{}, error), bool) {
	return func() (interface{}, error) { return transit.Factory, nil }, o.Contains(name, kind)
}

func (only) Keys(kind consts.PluginType) []string {
	if kind == consts.PluginTypeSecrets {
		return []string{"transit"}
	}
	return nil
}

func (o only) DeprecationStatus(name string, kind consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, o.Contains(name, kind)
}
