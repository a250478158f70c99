package testenv

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"brume/internal/embedded"
)

// Clients returns the folder of the npm packages that `make setup` fetched by
// deploy/dev/clients.
func Clients(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	lock, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../deploy/dev/clients/package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := embedded.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(lock)
	dir := filepath.Join(cache, "clients-"+hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(filepath.Join(dir, "complete")); err != nil {
		Missing(t, "no xAPI client libraries: run `make setup` where npm is (looked for %s)", dir)
	}
	return filepath.Join(dir, "node_modules")
}

// Node returns Node.js, which runs client libraries outside a browser.
func Node(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		Missing(t, "no node: install Node.js")
	}
	return path
}
