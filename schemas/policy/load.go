package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds a policy file: the defaults take 4 kB.
const maxFile = 1 << 20

// Load reads a policy file.
func Load(path string) (*Policy, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	p, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", path, err)
	}
	return p, nil
}

// Parse reads a policy from YAML: one document, no unknown or repeated keys.
// The policy it returns is valid and compiled; the error names every fault.
func Parse(data []byte) (*Policy, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("the file is longer than %d bytes", maxFile)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var p Policy
	var shape *yaml.TypeError
	if err := decoder.Decode(&p); err != nil && !errors.As(err, &shape) {
		return nil, fmt.Errorf("decoding the policy: %w", err)
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return nil, fmt.Errorf("decoding the policy: %w", err)
	}
	var more any
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("decoding the policy: more than one document")
	}
	if found := reviewFile(&p, shape, &tree); len(found) > 0 {
		return nil, join(found)
	}
	return p.Clone()
}

// Clone gives a deep copy, validated and compiled: the way to make a policy out
// of a literal, or to derive one.
func (p *Policy) Clone() (*Policy, error) {
	c := *p
	c.Identity.HomePages = slices.Clone(p.Identity.HomePages)
	c.Calendar.Zones = slices.Clone(p.Calendar.Zones)
	for i := range c.Calendar.Zones {
		z := &c.Calendar.Zones[i]
		z.Weeks, z.HalfTerms = slices.Clone(z.Weeks), slices.Clone(z.HalfTerms)
	}
	c.Families = slices.Clone(p.Families)
	for i := range c.Families {
		c.Families[i].By = slices.Clone(c.Families[i].By)
	}
	c.compiled = nil
	if err := c.Validate(); err != nil {
		return nil, err
	}
	compiled, err := compile(&c)
	if err != nil {
		return nil, err
	}
	c.compiled = compiled
	return &c, nil
}
