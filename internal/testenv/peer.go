package testenv

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"brume/internal/embedded"
)

// ErrNoPeer tells that the peer LRS was not fetched.
var ErrNoPeer = errors.New("no peer LRS: deploy/dev/peer/fetch fetches it")

// Peer returns the Python that has Ralph, the LRS that deploy/dev/peer fetched
// for benchmarks, or ErrNoPeer.
func Peer() (string, error) {
	_, here, _, _ := runtime.Caller(0)
	list, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../deploy/dev/peer/requirements.txt"))
	if err != nil {
		return "", err
	}
	cache, err := embedded.CacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(list)
	dir := filepath.Join(cache, "peer-"+hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(filepath.Join(dir, "complete")); err != nil {
		return "", fmt.Errorf("%w (looked for %s)", ErrNoPeer, dir)
	}
	return filepath.Join(dir, "bin", "python"), nil
}
