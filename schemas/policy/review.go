package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fault is one rule that a policy breaks, and where.
type fault struct {
	path []string // of keys and positions, from the document's root
	line int      // in the file; 0: unknown
	err  error
}

func (f *fault) Error() string {
	if f.line == 0 {
		return f.err.Error()
	}
	return fmt.Sprintf("line %d: %v", f.line, f.err)
}

// review gathers every fault of a policy. Its place is the part of the document
// that is being checked, its label what people call it; a message that begins
// with a key and a colon is about that key of the place.
type review struct {
	label string
	place []string
	found *[]*fault
}

// in gives the same review for a part further in.
func (r review) in(label string, place ...any) review {
	r.label, r.place = r.label+label, slices.Clone(r.place)
	for _, p := range place {
		r.place = append(r.place, fmt.Sprint(p))
	}
	return r
}

func (r review) addf(format string, args ...any) {
	path := slices.Clone(r.place)
	if key, _, ok := strings.Cut(format, ":"); ok && validName(key, false) {
		path = append(path, key)
	}
	*r.found = append(*r.found, &fault{path: path, err: fmt.Errorf("%s"+format, append([]any{r.label}, args...)...)})
}

func (r review) wantf(ok bool, format string, args ...any) {
	if !ok {
		r.addf(format, args...)
	}
}

// reviewed is what a review found, in the order of lines.
type reviewed []*fault

func (r reviewed) Error() string {
	if len(r) == 1 {
		return r[0].Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d faults", len(r))
	for _, f := range r {
		fmt.Fprintf(&b, "\n  %v", f)
	}
	return b.String()
}

// join gives all faults as one error; nil without any.
func join(found []*fault) error {
	if len(found) == 0 {
		return nil
	}
	slices.SortStableFunc(found, func(a, b *fault) int { return cmp.Compare(a.line, b.line) })
	return reviewed(found)
}

// lineOf finds the line of a path. A key that is not there has the line of what
// it is missing from.
func lineOf(n *yaml.Node, path []string) int {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if len(path) == 0 {
		return n.Line
	}
	switch n.Kind {
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(path[0]); err == nil && i < len(n.Content) {
			return lineOf(n.Content[i], path[1:])
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == path[0] {
				if value := n.Content[i+1]; len(path) > 1 && value.Kind != yaml.ScalarNode {
					return lineOf(value, path[1:])
				}
				return n.Content[i].Line
			}
		}
	}
	return n.Line
}
