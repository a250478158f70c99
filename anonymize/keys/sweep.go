package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"brume/schemas/event/keyring"
)

// staleAfter is the age from which an unfinished file belongs to a crash.
const staleAfter = time.Hour

// sweep destroys what a crash left of unfinished and of destroyed keys.
func (s *Store) sweep(part string, files []string) error {
	for _, name := range files {
		if strings.HasPrefix(name, keyring.TempPrefix) {
			info, err := os.Stat(s.path(part, name))
			if err != nil || time.Since(info.ModTime()) < staleAfter {
				continue
			}
			if err := os.Remove(s.path(part, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("sweeping key directory: %w", err)
			}
			continue
		}
		tomb, ok := strings.CutSuffix(name, ".destroyed")
		if !ok {
			continue
		}
		victims := []string{tomb + ".json"}
		if year, ok := strings.CutPrefix(tomb, "year-"); ok && part == keyring.AnonymizeDir {
			victims = []string{pseudonymFile(year), cohortFile(year), streamFile(year)}
		}
		for _, v := range victims {
			if err := keyring.DestroyFile(s.path(part, v)); err != nil {
				return err
			}
		}
	}
	return nil
}
