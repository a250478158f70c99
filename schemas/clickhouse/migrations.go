package clickhouse

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var files embed.FS

// Migration is one numbered .sql file, split into its statements.
type Migration struct {
	Version    uint32
	Name       string // "0001_cells"
	Hash       string // hex SHA-256 of the file
	Statements []string
}

// Migrations returns the embedded migrations, ascending and without gaps.
func Migrations() ([]Migration, error) { return read(files, "migrations") }

func read(fsys fs.FS, dir string) ([]Migration, error) {
	entries, err := fs.ReadDir(fsys, dir) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("reading migrations: %w", err)
	}
	var all []Migration
	for i, entry := range entries {
		text, err := fs.ReadFile(fsys, dir+"/"+entry.Name())
		if err != nil {
			return nil, fmt.Errorf("reading migration %s: %w", entry.Name(), err)
		}
		name := strings.TrimSuffix(entry.Name(), ".sql")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseUint(number, 10, 32)
		if err != nil || version != uint64(i)+1 {
			return nil, fmt.Errorf("reading migration %s: want number %04d", entry.Name(), i+1)
		}
		sum := sha256.Sum256(text)
		all = append(all, Migration{
			Version:    uint32(version),
			Name:       name,
			Hash:       hex.EncodeToString(sum[:]),
			Statements: Statements(string(text)),
		})
	}
	return all, nil
}

// Statements splits an .sql file at the semicolons that end a line and drops
// comment lines; the files here need no more than that.
func Statements(text string) []string {
	var lines, statements []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if trimmed := strings.TrimSpace(line); trimmed == "" || strings.HasPrefix(trimmed, "--") {
			continue
		}
		end := strings.HasSuffix(line, ";")
		lines = append(lines, strings.TrimSuffix(line, ";"))
		if end {
			statements = append(statements, strings.Join(lines, "\n"))
			lines = nil
		}
	}
	if len(lines) > 0 {
		statements = append(statements, strings.Join(lines, "\n"))
	}
	return statements
}
