package e2e

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"brume/anonymize/keys"
	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv"
)

// secrets are byte strings that name a pupil of a run, by what they are.
// Looking for them costs one pass: each length is a window over the bytes.
type secrets map[int]map[string]string

func (s secrets) add(what string, value []byte) {
	if s[len(value)] == nil {
		s[len(value)] = map[string]string{}
	}
	s[len(value)][string(value)] = what
}

// find returns what is found in the text, without the secret itself.
func (s secrets) find(text []byte) (what string, found bool) {
	for length, values := range s {
		for i := 0; i+length <= len(text); i++ {
			if what, ok := values[string(text[i:i+length])]; ok {
				return what, true
			}
		}
	}
	return "", false
}

var named = regexp.MustCompile(`"account":\{"homePage":"([^"]*)","name":"([^"]*)"\}`)

// pupilsOf returns everything that names or pseudonymises a pupil of a
// simulation under the keys of a run.
func pupilsOf(t *testing.T, file, keyDir string) (secrets, int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	store, err := keys.Open(keyDir)
	if err != nil {
		t.Fatal(err)
	}
	key, err := store.Pseudonym("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	all, actors := secrets{}, map[string]bool{}
	for _, m := range named.FindAllSubmatch(text, -1) {
		name := string(m[2])
		if actors[name] {
			continue
		}
		actors[name] = true
		all.add("an actor's name", m[2])
		p := key.Of("shared", fmt.Sprintf("account:%s|%s", m[1], name))
		token := key.Token(p)
		for what, b := range map[string][]byte{"pseudonym": p[:], "token": token[:]} {
			all.add("a "+what, b)
			all.add("a "+what+" in hexadecimal", []byte(hex.EncodeToString(b)))
			all.add("a "+what+" in hexadecimal", []byte(strings.ToUpper(hex.EncodeToString(b))))
			all.add("a "+what+" in base64", []byte(base64.RawStdEncoding.EncodeToString(b)))
		}
	}
	return all, len(actors)
}

// Nothing that rests anywhere names or pseudonymises a pupil: no value of any
// table of ClickHouse, no file of the data directory, no log line.
func TestNothingAtRestNamesAPupil(t *testing.T) {
	dir := t.TempDir()
	data, keyDir, file := filepath.Join(dir, "data"), filepath.Join(dir, "keys"), filepath.Join(dir, "all.ndjson")
	size := []string{"--pupils", "800", "--weeks", "2", "--seed", "5"}
	c := command(t, "brume", append([]string{"demo", "--once", "--json", "--log", "debug", "--data", data, "--keys", keyDir}, size...)...)
	said, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	output(t, "brume", append([]string{"simulate", "--out", file}, size...)...)
	pupils, n := pupilsOf(t, file, keyDir)
	if n < 200 {
		t.Fatalf("%d actors: too few to prove anything", n)
	}
	if what, found := pupils.find([]byte("…" + string(mustRead(t, file)))); !found || what == "" {
		t.Fatal("the search finds nothing in the statements themselves")
	}
	if what, found := pupils.find(said); found {
		t.Errorf("output and logs hold %s", what)
	}
	tables := dump(t, data, func(table string, text []byte) {
		if what, found := pupils.find(text); found {
			t.Errorf("table %s holds %s", table, what)
		}
	})
	files := walk(t, data, func(path string, text []byte) {
		if what, found := pupils.find(text); found {
			t.Errorf("file %s holds %s", path, what)
		}
	})
	t.Logf("%d actors; %d tables and %d files searched", n, tables, files)
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// dump shows every row of every table that is not the server's own.
func dump(t *testing.T, data string, show func(table string, text []byte)) (tables int) {
	t.Helper()
	ch, err := embedded.StartClickHouse(t.Context(), embedded.ClickHouseConfig{Dir: filepath.Join(data, "clickhouse")}, testenv.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	client, err := clickhouse.Open(ch.User("migrator"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, table := range column(t, client, "SELECT database || '.' || name FROM system.tables WHERE database IN ('published', 'staging', 'meta')") {
		rows := column(t, client, "SELECT toString(tuple(*)) FROM "+table)
		show(table, []byte(strings.Join(rows, "\n")))
		columns := column(t, client, "SELECT name FROM system.columns WHERE database || '.' || table = '"+table+"'")
		for _, c := range columns {
			if regexp.MustCompile(`actor|pupil|pseudonym|student|learner|account|mbox`).MatchString(c) {
				t.Errorf("table %s has a column %q", table, c)
			}
		}
		tables++
	}
	if tables < 7 {
		t.Errorf("%d tables: not all were seen", tables)
	}
	return tables
}

// column returns a query's one column of strings.
func column(t *testing.T, client *clickhouse.Client, sql string) (out []string) {
	t.Helper()
	rows, err := client.Query(context.WithoutCancel(t.Context()), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// walk shows every file of a directory.
func walk(t *testing.T, dir string, show func(path string, text []byte)) (files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		show(strings.TrimPrefix(path, dir), text)
		files++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
