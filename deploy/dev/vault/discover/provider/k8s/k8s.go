// Package k8s takes the place of go-discover's.
package k8s

import (
	"errors"
	"log"
)

// Provider finds nothing.
type Provider struct{}

// Addrs always fails.
func (*Provider) Addrs(map[string]string, *log.Logger) ([]string, error) {
	return nil, errors.New("this Vault looks for no peers")
}

// Help is empty.
func (*Provider) Help() string { return "" }
