package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// ChdbVersion is the version of libchdb that `make setup` fetches and pins.
const ChdbVersion = "26.7.3-stable.1"

// ErrNoClickHouse means that this machine has neither libchdb nor a
// clickhouse binary.
var ErrNoClickHouse = errors.New("no embedded ClickHouse here: run `make setup`, or set BRUME_LIBCHDB to a libchdb.so")

// Libchdb returns the path of the library: BRUME_LIBCHDB, else the copy that
// `make setup` put into CacheDir.
func Libchdb() (string, error) {
	if path := os.Getenv("BRUME_LIBCHDB"); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("BRUME_LIBCHDB: %w", err)
		}
		return path, nil
	}
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "chdb-"+ChdbVersion+"-"+platform(), "libchdb.so")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w (looked for %s)", ErrNoClickHouse, path)
	}
	return path, nil
}

// CacheDir is where `make setup` puts what it fetches: BRUME_CACHE, else brume
// under the user's cache directory.
func CacheDir() (string, error) {
	if dir := os.Getenv("BRUME_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	return filepath.Join(dir, "brume"), nil
}

// platform is the suffix of the library's npm package on this machine.
func platform() string {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if runtime.GOOS == "linux" {
		return "linux-" + arch + "-gnu"
	}
	return runtime.GOOS + "-" + arch
}
