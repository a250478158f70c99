package publishers

import (
	"fmt"

	"brume/schemas/mapping"
)

// mappings are the parsed mappings of all publishers: each is parsed once, not
// at every change of the registry.
type mappings struct {
	parsed map[source]result
	before map[source]result
}

type source struct{ name, text string }

type result struct {
	mapping *mapping.Mapping
	err     error
}

// next begins anew, and forgets what nobody asks for any more.
func (m mappings) next() mappings { return mappings{parsed: map[source]result{}, before: m.parsed} }

// of gives the mapping of a publisher.
func (m mappings) of(r *Record) (*mapping.Mapping, error) {
	key := source{r.Mapping, r.MappingText}
	got, known := m.parsed[key]
	if !known {
		got, known = m.before[key]
	}
	if !known {
		got.mapping, got.err = ParseMapping(r.Mapping, r.MappingText)
	}
	m.parsed[key] = got
	return got.mapping, got.err
}

// maxMapping bounds the text of a publisher's own mapping, so that a record
// fits into the topic.
const maxMapping = 256 << 10

// ParseMapping gives the shipped mapping of a name, or reads the publisher's
// own when there is a text, which MUST bear that name.
func ParseMapping(name, text string) (*mapping.Mapping, error) {
	if text == "" {
		return mapping.Shipped(name)
	}
	if len(text) > maxMapping {
		return nil, fmt.Errorf("mapping: %d bytes of at most %d", len(text), maxMapping)
	}
	m, err := mapping.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	if name != m.Name {
		return nil, fmt.Errorf("mapping: its name is %q and not %q", m.Name, name)
	}
	return m, nil
}
