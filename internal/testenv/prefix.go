package testenv

import (
	"crypto/rand"
	"strings"
	"testing"
)

// Prefix returns a name of the test's own for topics and groups.
func Prefix(t testing.TB) string {
	t.Helper()
	return "t-" + strings.ToLower(rand.Text()[:10]) + "-"
}
