package mapping

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"brume/schemas/event"
	"brume/schemas/registry"
	"brume/schemas/xapi"
)

//go:embed shipped/*.yaml
var shipped embed.FS

// Default is the name of the shipped mapping that fits most publishers.
const Default = "generic"

// Shipped returns a mapping that comes with Brume.
func Shipped(name string) (*Mapping, error) {
	data, err := shipped.ReadFile("shipped/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no shipped mapping %q: there are %s", name, strings.Join(ShippedNames(), ", "))
	}
	m, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("shipped mapping %s: %w", name, err)
	}
	return m, nil
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

// Load reads a mapping from a YAML file.
func Load(file string) (*Mapping, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the mapping: %w", err)
	}
	m, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", file, err)
	}
	return m, nil
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
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return &m, nil
}

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Validate reports every fault of the mapping and makes it ready for use. A
// mapping written as a literal MUST be validated before its first Event.
func (m *Mapping) Validate() error {
	var errs []error
	if !validName.MatchString(m.Name) {
		errs = append(errs, errors.New("name: want lower-case letters, digits and hyphens"))
	}
	if m.Version < 1 {
		errs = append(errs, errors.New("version: want 1 or more"))
	}
	isUAI := func(s string) bool { _, err := registry.ParseUAI(s); return err == nil }
	isCode := func(s string) bool { return s != "" }
	errs = append(errs, m.validateIdentifiers(), m.validateVerbs(),
		validateRules("teacher", m.Teacher, isCode), validateRules("school", m.School, isUAI),
		validateRules("level", m.Level, isCode), validateRules("subject", m.Subject, isCode))
	for i, r := range m.Teacher {
		if len(r.Values) == 0 {
			errs = append(errs, fmt.Errorf("teacher[%d]: want values", i))
		}
	}
	return errors.Join(errs...)
}

var identifierNames = map[string]xapi.Identifier{
	"account": xapi.Account, "mbox": xapi.Mbox, "mbox_sha1sum": xapi.MboxSHA1, "openid": xapi.OpenID,
}

func (m *Mapping) validateIdentifiers() error {
	var errs []error
	m.identifiers = [xapi.Account + 1]bool{}
	for _, name := range m.Identifiers {
		id, ok := identifierNames[name]
		if !ok {
			errs = append(errs, fmt.Errorf("identifiers: no kind %q", name))
		}
		m.identifiers[id] = true
	}
	if len(m.Identifiers) == 0 {
		for _, id := range identifierNames {
			m.identifiers[id] = true
		}
	}
	return errors.Join(errs...)
}

func (m *Mapping) validateVerbs() error {
	var errs []error
	m.verbs = make(map[string]event.Kind, len(commonVerbs)+len(m.Verbs))
	maps.Copy(m.verbs, commonVerbs)
	for _, iri := range slices.Sorted(maps.Keys(m.Verbs)) {
		kind, ok := kindNames[m.Verbs[iri]]
		if !ok {
			errs = append(errs, fmt.Errorf("verbs: %s: no kind %q", iri, m.Verbs[iri]))
		}
		if !strings.Contains(iri, ":") {
			errs = append(errs, fmt.Errorf("verbs: %q is not an IRI", iri))
		}
		m.verbs[iri] = kind
	}
	return errors.Join(errs...)
}

// validateRules compiles the rules of one field; code says what its values
// may be where the mapping itself states them.
func validateRules(field string, rules []Rule, code func(string) bool) error {
	var errs []error
	fail := func(i int, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s[%d]: %s", field, i, fmt.Sprintf(format, args...)))
	}
	for i := range rules {
		r := &rules[i]
		if (r.Pointer == "") == (r.Fixed == "") {
			fail(i, "want a pointer or a fixed value")
			continue
		}
		if r.Fixed != "" {
			if !code(r.Fixed) {
				fail(i, "fixed value %q is not valid here", r.Fixed)
			}
			if r.Prefix != "" || len(r.Table) > 0 || len(r.Values) > 0 {
				fail(i, "a fixed value stands alone")
			}
			continue
		}
		var err error
		if r.path, err = compile(r.Pointer); err != nil {
			fail(i, "pointer %q: %v", r.Pointer, err)
		}
		for _, key := range slices.Sorted(maps.Keys(r.Table)) {
			if !code(r.Table[key]) {
				fail(i, "table: %q is not valid here", r.Table[key])
			}
		}
	}
	return errors.Join(errs...)
}
