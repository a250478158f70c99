package mapping

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed shipped/*.yaml
var shipped embed.FS

// Default is the name of the shipped mapping that fits most publishers.
const Default = "generic"

// Shipped returns a mapping that comes with Brume.
func Shipped(name string) (*Mapping, error) {
	data, err := Source(name)
	if err != nil {
		return nil, err
	}
	m, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("shipped mapping %s: %w", name, err)
	}
	return m, nil
}

// Source returns the YAML of a shipped mapping, to begin one's own from.
func Source(name string) ([]byte, error) {
	data, err := shipped.ReadFile("shipped/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no shipped mapping %q: there are %s", name, strings.Join(ShippedNames(), ", "))
	}
	return data, nil
}

// ShippedNames lists the mappings that come with Brume.
func ShippedNames() []string {
	var names []string
	files, _ := fs.Glob(shipped, "shipped/*.yaml") // the pattern is well-formed
	for _, f := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(f, "shipped/"), ".yaml"))
	}
	return names
}

// Parse reads a mapping from YAML; unknown keys are errors. It reports every
// fault at once.
func Parse(data []byte) (*Mapping, error) {
	var m Mapping
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("parsing YAML: %w", err)
	}
	if err := d.Decode(new(yaml.Node)); err != io.EOF {
		return nil, errors.New("parsing YAML: want one document")
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return &m, nil
}
