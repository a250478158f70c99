package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reviewFile gathers what the decoder could not take (shape, which may be nil),
// what is no integer, and what breaks a rule, each with its line. A line whose
// shape is wrong is told once: the rules see nothing of what it meant.
func reviewFile(p *Policy, shape *yaml.TypeError, tree *yaml.Node) []*fault {
	found := checkIntegers(tree)
	if shape != nil {
		for _, text := range shape.Errors {
			found = append(found, shapeFault(text))
		}
	}
	told := make(map[int]bool)
	for _, f := range found {
		told[f.line] = true
	}
	for _, f := range p.review() {
		if len(tree.Content) == 1 {
			f.line = lineOf(tree.Content[0], f.path)
		}
		if !told[f.line] {
			found = append(found, f)
		}
	}
	return found
}

// shapeFault reads one of the decoder's complaints: "line 5: field x not found in
// type policy.Family", "line 7: cannot unmarshal !!str `four` into float64".
func shapeFault(text string) *fault {
	var f fault
	if _, err := fmt.Sscanf(text, "line %d:", &f.line); err == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	if key, _, ok := strings.Cut(text, " not found in type"); ok {
		text = "unknown key " + strings.TrimPrefix(key, "field ")
	}
	f.err = errors.New(text)
	return &f
}

// checkIntegers refuses, for every key that counts something, what is not a
// plain decimal integer: the decoder would make 10 of 10.5, and 8 of 010.
func checkIntegers(n *yaml.Node) []*fault {
	var found []*fault
	for i, child := range n.Content {
		found = append(found, checkIntegers(child)...)
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
			found = append(found, &fault{line: child.Line, err: fmt.Errorf("%s: %q is not an integer", key, value.Value)})
		}
	}
	return found
}

// integerKeys are the keys of Policy and Family whose values are integers.
var integerKeys = []string{"late_windows", "publishers", "cells", "cap"}
