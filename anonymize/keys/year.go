package keys

import (
	"fmt"
	"os"
	"strings"
)

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
