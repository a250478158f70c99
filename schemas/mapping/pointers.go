package mapping

import (
	"errors"

	"go.yaml.in/yaml/v3"
)

// Pointers are JSON Pointers into a statement, tried in order; * stands for
// any position of a list. YAML may give one alone.
type Pointers []string

// UnmarshalYAML implements yaml.Unmarshaler.
func (p *Pointers) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		var one string
		if err := node.Decode(&one); err != nil {
			return err
		}
		*p = Pointers{one}
		return nil
	}
	var list []string
	if err := node.Decode(&list); err != nil {
		return err
	}
	if len(list) == 0 {
		return errors.New("pointer: the list is empty")
	}
	*p = list
	return nil
}
