package config

import (
	"errors"
	"fmt"
)

// In puts the name of a section before each fault that was found in it, so
// that it names the key as the file does.
func In(section string, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if err == nil {
			return nil
		}
		return fmt.Errorf("%s.%w", section, err)
	}
	var faults []error
	for _, fault := range joined.Unwrap() {
		faults = append(faults, In(section, fault))
	}
	return errors.Join(faults...)
}
