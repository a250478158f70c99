package intake_test

import (
	"os"
	"testing"

	"brume/internal/testenv"
)

// TestMain lets the test binary become the process under measure.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child())
	}
	testenv.Main(m)
}
