package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

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
	if err := decoder.Decode(&p); err != nil {
		return nil, fmt.Errorf("decoding the policy: %w", err)
	}
	var tree yaml.Node
	if err := errors.Join(yaml.Unmarshal(data, &tree), checkIntegers(&tree)); err != nil {
		return nil, fmt.Errorf("decoding the policy: %w", err)
	}
	var more any
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("decoding the policy: more than one document")
	}
	return p.Clone()
}

// checkIntegers refuses, for every key that counts something, what is not a
// plain decimal integer: the decoder would make 10 of 10.5, and 8 of 010.
func checkIntegers(n *yaml.Node) error {
	var faults []error
	for i, child := range n.Content {
		faults = append(faults, checkIntegers(child))
		if n.Kind != yaml.MappingNode || i%2 == 0 {
			continue
		}
		key, value := n.Content[i-1].Value, child
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		if !slices.Contains(integerKeys, key) {
			continue
		}
		if v, err := strconv.ParseInt(value.Value, 10, 64); err != nil || strconv.FormatInt(v, 10) != value.Value {
			faults = append(faults, fmt.Errorf("line %d: %s: %q is not an integer", child.Line, key, value.Value))
		}
	}
	return errors.Join(faults...)
}

// integerKeys are the keys of Policy and Family whose values are integers.
var integerKeys = []string{"late_windows", "publishers", "cells", "cap"}

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
