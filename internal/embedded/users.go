package embedded

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// Databases holds everything that Brume keeps in ClickHouse: what dashboards
// read, what the loader prepares, and the records of migrations and loads.
var Databases = []string{"published", "staging", "meta"}

// Users are the four that a cluster must have too. None may do what another
// is there for.
const (
	Migrator   = "migrator"   // owns the schema
	Loader     = "loader"     // inserts and moves partitions
	Dashboards = "dashboards" // reads published, within limits
	Researcher = "researcher" // the same, for exports
)

type user struct {
	Name, Profile, SHA256 string
	Grants                []string
}

func users() []user {
	read := []string{"GRANT SELECT ON published.*"}
	list := []user{
		{Name: Migrator, Profile: "default", Grants: []string{"GRANT SELECT ON system.*", "GRANT TABLE ENGINE ON *"}},
		{Name: Loader, Profile: "default"},
		{Name: Dashboards, Profile: "reader", Grants: read},
		{Name: Researcher, Profile: "reader", Grants: read},
	}
	for _, table := range []string{"parts", "tables", "columns", "partitions"} {
		list[1].Grants = append(list[1].Grants, "GRANT SELECT ON system."+table)
	}
	for _, db := range Databases {
		list[0].Grants = append(list[0].Grants, "GRANT ALL ON "+db+".*")
		list[1].Grants = append(list[1].Grants,
			"GRANT SELECT, INSERT, TRUNCATE, OPTIMIZE, ALTER UPDATE, ALTER DELETE, ALTER MOVE PARTITION ON "+db+".*")
	}
	return list
}

//go:embed config.xml.tmpl
var configTemplate string

//go:embed users.xml.tmpl
var usersTemplate string

// writeConfig lays the server's two configuration files and the users'
// passwords, which are made once per data directory, and returns the path of
// the first and the passwords.
func writeConfig(dir string, port, http int) (string, map[string]string, error) {
	passwords := map[string]string{}
	list := users()
	for i := range list {
		password, err := passwordOf(dir, list[i].Name)
		if err != nil {
			return "", nil, err
		}
		passwords[list[i].Name] = password
		sum := sha256.Sum256([]byte(password))
		list[i].SHA256 = hex.EncodeToString(sum[:])
	}
	usersFile := filepath.Join(dir, "users.xml")
	if err := render(usersFile, usersTemplate, list); err != nil {
		return "", nil, err
	}
	configFile := filepath.Join(dir, "config.xml")
	err := render(configFile, configTemplate, map[string]any{
		"Port": port, "HTTP": http, "Data": filepath.Join(dir, "data") + "/", "Users": usersFile,
	})
	return configFile, passwords, err
}

// PasswordFile is where the password of a user of this data directory lies,
// for services that run as processes of their own.
func PasswordFile(dir, user string) string { return filepath.Join(dir, "passwords", user) }

func passwordOf(dir, user string) (string, error) {
	path := PasswordFile(dir, user)
	b, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(b)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading a password: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("making the password directory: %w", err)
	}
	password := rand.Text()
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("writing a password: %w", err)
	}
	return password, nil
}

func render(path, text string, data any) error {
	escape := func(s string) (string, error) {
		var b bytes.Buffer
		err := xml.EscapeText(&b, []byte(s))
		return b.String(), err
	}
	t, err := template.New(filepath.Base(path)).Funcs(template.FuncMap{"xml": escape}).Parse(text)
	if err != nil {
		return fmt.Errorf("parsing the template of %s: %w", filepath.Base(path), err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return fmt.Errorf("filling in %s: %w", filepath.Base(path), err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}
