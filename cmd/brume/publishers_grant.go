package main

import (
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"brume/cmd/internal/attach"
	"brume/ingest/publishers"
	"brume/schemas/mapping"
)

// mappingFlag adds --mapping, required without a default.
func mappingFlag(c *cobra.Command, byDefault string) *string {
	from := c.Flags().String("mapping", byDefault, fmt.Sprintf("how its statements become events: a YAML file, or one of %v", mapping.ShippedNames()))
	if byDefault == "" {
		_ = c.MarkFlagRequired("mapping") // the flag is there
	}
	return from
}

// sourceOf gives the shipped mapping of a name, or that of a file.
func sourceOf(from string) (publishers.Source, error) {
	if slices.Contains(mapping.ShippedNames(), from) {
		return publishers.Source{Name: from}, nil
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return publishers.Source{}, fmt.Errorf("--mapping: neither a file nor one of %v: %w", mapping.ShippedNames(), err)
	}
	if len(text) == 0 {
		return publishers.Source{}, fmt.Errorf("--mapping: %s is empty", from)
	}
	return publishers.Source{Text: string(text)}, nil
}

// grantFlags adds the flags that say what a key is to be, and returns how to
// read them: schools and tools must be in the installation's registry.
func grantFlags(c *cobra.Command) func(*attach.Data) (publishers.Grant, error) {
	var g publishers.Grant
	f := c.Flags()
	f.BoolVar(&g.Sandbox, "sandbox", false, "what it sends is checked and counted, never folded")
	f.IntVar(&g.Limits.Rate, "rate", 0, "statements a second, of each instance; 0: any")
	f.IntVar(&g.Limits.Burst, "burst", 0, fmt.Sprintf("statements at once; 0: %d, or a second's when that is more", publishers.DefaultBurst))
	f.StringSliceVar(&g.Limits.Schools, "school", nil, "UAI of a school that it may send for; repeat it")
	f.StringSliceVar(&g.Limits.Tools, "tool", nil, "code of a tool that it may send for; repeat it")
	f.StringArrayVar(&g.Limits.Prefixes, "prefix", nil, "beginning of the activity ids that it may send; repeat it")
	f.StringVar(&g.Client, "client", "", "an OAuth2 client id instead of a secret")
	file := f.String("certificate", "", "a client certificate (PEM file) instead of a secret")
	c.MarkFlagsMutuallyExclusive("client", "certificate")
	return func(d *attach.Data) (publishers.Grant, error) {
		if *file != "" {
			cert, err := readCertificate(*file)
			if err != nil {
				return g, err
			}
			print := publishers.Fingerprint(cert)
			g.Certificate = hex.EncodeToString(print[:])
		}
		return g, errors.Join(g.Limits.Validate(), g.Limits.Check(d.Registry))
	}
}

// readCertificate reads the first certificate of a file: the client's own.
func readCertificate(file string) (*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--certificate: %w", err)
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("--certificate %s: %w", file, err)
		}
		if time.Now().After(cert.NotAfter) {
			return nil, fmt.Errorf("--certificate %s: it ended on %s", file, cert.NotAfter.Format(time.DateOnly))
		}
		return cert, nil
	}
	return nil, fmt.Errorf("--certificate %s: it holds no certificate", file)
}
