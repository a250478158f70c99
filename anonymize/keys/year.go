package keys

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"brume/schemas/event/keyring"
)

// Years returns the school years that have keys here, or had, ascending.
func (s *Store) Years() ([]string, error) {
	names, err := s.files(keyring.AnonymizeDir)
	if err != nil {
		return nil, err
	}
	var years []string
	for _, name := range names {
		stem, _, _ := strings.Cut(name, ".")
		for _, prefix := range []string{"pseudonym-", "year-"} {
			if year, ok := strings.CutPrefix(stem, prefix); ok && checkYear(year) == nil {
				years = append(years, year)
			}
		}
	}
	slices.Sort(years)
	return slices.Compact(years), nil
}

// NextYear returns the school year after one.
func NextYear(year string) (string, error) {
	if err := checkYear(year); err != nil {
		return "", err
	}
	var first int
	_, _ = fmt.Sscanf(year, "%d-", &first) // checked
	return fmt.Sprintf("%d-%d", first+1, first+2), nil
}

// destroyReleases destroys the keys of a year's releases that are not public
// yet, after which they never will be.
func (s *Store) destroyReleases(year string) error {
	entries, err := os.ReadDir(s.releases)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("key directory: %w", err)
	}
	for _, e := range entries {
		release, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".json"), "release-")
		if ok && strings.HasPrefix(release, year+"-") && strings.HasSuffix(e.Name(), ".json") {
			if err := s.DestroyReleaseKey(release); err != nil {
				return err
			}
		}
	}
	return nil
}
