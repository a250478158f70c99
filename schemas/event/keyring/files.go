package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The parts of the key directory. Each is copied to the hosts of its role.
const (
	IngestDir    = "ingest"
	PublicDir    = "public"
	AnonymizeDir = "anonymize"
	OperatorDir  = "operator"
	GateDir      = "gate"
)

const (
	dirMode  = 0o700
	fileMode = 0o600
	loose    = 0o077 // bits that nobody but the owner may have
)

// ErrMode marks a file or directory that others than its owner may use.
var ErrMode = errors.New("too open")

// MakeDir creates a directory with mode 0700, or checks the existing one.
func MakeDir(dir string) error {
	err := os.Mkdir(dir, dirMode)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making key directory: %w", err)
	}
	if err := CheckDir(dir); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(dir))
}

// CheckDir refuses what is not a directory of mode 0700 or stricter.
func CheckDir(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("key directory: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("key directory %s: not a directory", dir)
	}
	return checkMode(dir, info, "0700")
}

// CheckFile refuses what is not a regular file of mode 0600 or stricter.
func CheckFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return checkFile(path, info)
}

func checkFile(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("key file %s: not a regular file", path)
	}
	return checkMode(path, info, "0600")
}

func checkMode(path string, info fs.FileInfo, want string) error {
	if mode := info.Mode().Perm(); mode&loose != 0 {
		return fmt.Errorf("%s has mode %#o: %w, chmod %s", path, mode, ErrMode, want)
	}
	return nil
}

// ReadFile returns the content of a key file whose mode is strict enough.
func ReadFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading key file: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading key file: %w", err)
	}
	if err := checkFile(path, info); err != nil {
		return nil, err
	}
	data := make([]byte, info.Size())
	if _, err := file.ReadAt(data, 0); err != nil {
		return nil, fmt.Errorf("reading key file %s: %w", path, err)
	}
	return data, nil
}

// TempPrefix begins the names of files that are being written.
const TempPrefix = ".new-"

// CreateFile creates the file with its whole content, or returns an error that
// is fs.ErrExist and leaves what is there. The content is durable; the name is
// once SyncDir returns.
func CreateFile(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), TempPrefix+"*") // mode 0600
	if err != nil {
		return fmt.Errorf("creating key file: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Link(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("creating key file %s: %w", path, err)
	}
	return nil
}

// DestroyFile overwrites a key file, makes that durable and unlinks it. A file
// that is not there is destroyed. Disks and file systems may keep old blocks:
// the key directory belongs on an encrypted disk.
func DestroyFile(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("destroying key file: %w", err)
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.WriteAt(make([]byte, info.Size()), 0)
	}
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("destroying key file %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("destroying key file: %w", err)
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the names in a directory durable.
func SyncDir(dir string) error {
	file, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing directory: %w", err)
	}
	err = file.Sync()
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("syncing directory %s: %w", dir, err)
	}
	return nil
}
