package publishers

import (
	"testing"
	"time"
)

// No secret looks like an option. One in 64 would by chance, so that the test
// misses a generator that lets them pass once in ten million runs.
func TestSecretIsNoOption(t *testing.T) {
	seen := map[string]bool{}
	for range 1024 {
		_, secret := newSecret(time.Time{})
		if secret[0] == '-' || len(secret) != 43 || seen[secret] {
			t.Fatalf("a secret of %d characters begins with %q, or came before", len(secret), secret[0])
		}
		seen[secret] = true
	}
}
