package mapping

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"brume/schemas/event"
	"brume/schemas/registry"
	"brume/schemas/xapi"
)

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
		validateConditions("teacher", m.Teacher), validateRules("school", m.School, isUAI),
		validateRules("level", m.Level, isCode), validateRules("subject", m.Subject, isCode),
		validateConditions("whole", m.Whole), validateConditions("duration", m.Duration))
	if n := m.steps(); n > maxSteps {
		errs = append(errs, fmt.Errorf("match: the patterns may take %d steps on one statement, want at most %d: fewer places, a * less, or shorter patterns", n, maxSteps))
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

// validateConditions compiles rules that hold or do not: each must say of what
// value it speaks.
func validateConditions(field string, rules []Rule) error {
	errs := []error{compileRules(field, rules)}
	for i, r := range rules {
		switch {
		case r.Fixed != "":
			errs = append(errs, fmt.Errorf("%s: a condition has no fixed value", ruleName(field, i)))
		case !r.Absent && len(r.Values) == 0 && r.Match == "" && r.Prefix == "":
			errs = append(errs, fmt.Errorf("%s: want values, match, prefix or absent", ruleName(field, i)))
		}
	}
	return errors.Join(errs...)
}

// validateRules compiles the rules of one field; code says what its values
// may be where the mapping itself states them.
func validateRules(field string, rules []Rule, code func(string) bool) error {
	errs := []error{compileRules(field, rules)}
	for i, r := range rules {
		if r.Fixed != "" && !code(r.Fixed) {
			errs = append(errs, fmt.Errorf("%s: fixed value %q is not valid here", ruleName(field, i), r.Fixed))
		}
		if r.Absent {
			errs = append(errs, fmt.Errorf("%s: absent is for teacher, whole and duration", ruleName(field, i)))
		}
		for _, key := range slices.Sorted(maps.Keys(r.Table)) {
			if !code(r.Table[key]) {
				errs = append(errs, fmt.Errorf("%s: table: %q is not valid here", ruleName(field, i), r.Table[key]))
			}
		}
	}
	return errors.Join(errs...)
}

func compileRules(field string, rules []Rule) error {
	var errs []error
	for i := range rules {
		if err := rules[i].compile(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", ruleName(field, i), err))
		}
	}
	return errors.Join(errs...)
}

// maxSteps bounds what patterns may cost on one statement, whatever it holds:
// with the shipped mappings and every text made to match nearly, 1,000
// statements take 25 ms of processor time (BenchmarkHostile).
const maxSteps = 60_000

// steps is how many steps the matching of patterns takes at most on one
// statement. A pattern takes one for each of its instructions and each byte of
// each text that it is held against.
func (m *Mapping) steps() (n int) {
	for _, rules := range [][]Rule{m.Teacher, m.School, m.Level, m.Subject, m.Whole, m.Duration} {
		for i := range rules {
			n += rules[i].texts() * rules[i].instructions * (maxMatch + 1)
		}
	}
	return n
}

// texts is how many texts a rule looks at.
func (r *Rule) texts() (n int) {
	for _, pointer := range r.Pointer {
		if strings.Contains(pointer, anyPosition) {
			n += maxPositions - 1
		}
		n++
	}
	return n
}

// maxPattern is the length of the longest pattern that loads.
const maxPattern = 512

func (r *Rule) compile() error {
	var errs []error
	filtered := r.Prefix != "" || r.Match != "" || len(r.Table) > 0 || len(r.Values) > 0
	switch {
	case (len(r.Pointer) == 0) == (r.Fixed == ""):
		return errors.New("want a pointer or a fixed value")
	case r.Fixed != "" && (filtered || r.Absent):
		errs = append(errs, errors.New("a fixed value stands alone"))
	case r.Absent && filtered:
		errs = append(errs, errors.New("absent stands alone beside the pointer"))
	}
	r.paths = make([]path, len(r.Pointer))
	for i, pointer := range r.Pointer {
		var err error
		if r.paths[i], err = compile(pointer); err != nil {
			errs = append(errs, fmt.Errorf("pointer %q: %w", pointer, err))
		}
	}
	return errors.Join(append(errs, r.compileMatch())...)
}

func (r *Rule) compileMatch() error {
	r.match, r.instructions = nil, 0
	if r.Match == "" {
		return nil
	}
	if len(r.Match) > maxPattern {
		return fmt.Errorf("match: longer than %d bytes", maxPattern)
	}
	pattern, err := regexp.Compile("^(?:" + r.Match + ")$")
	if err != nil {
		return fmt.Errorf("match: %w", err)
	}
	if pattern.NumSubexp() > 1 {
		return errors.New("match: want at most one group, and (?:) around others")
	}
	tree, err := syntax.Parse(pattern.String(), syntax.Perl)
	if err != nil {
		return fmt.Errorf("match: %w", err)
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return fmt.Errorf("match: %w", err)
	}
	r.match, r.instructions = pattern, len(program.Inst)
	return nil
}
