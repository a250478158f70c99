package portal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"brume/internal/testenv"
)

// Every snippet of the documentation does what it says, on a real server.
func TestSnippets(t *testing.T) {
	s := newSite(t, nil)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		check(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	const id = "9dc99b37-e920-4a68-a066-917faca28949"
	batch := file("batch.json", "["+statement+","+strings.Replace(statement, "12", "13", 1)+"]")
	tests := []struct {
		command []string
		accepts int64
		want    string
	}{
		{[]string{"bash", "one.sh", id}, 1, id},
		{[]string{"bash", "read.sh", id}, 0, `"id":"` + id + `"`},
		{[]string{"bash", "many.sh", batch}, 2, "-"},
		{[]string{"bash", "attachment.sh", file("copie.txt", "Bonjour.\n")}, 1, "-"},
		{[]string{"bash", "validate.sh", batch}, 0, `"valid":true`},
		{[]string{"bash", "ndjson.sh", file("lines.ndjson", statement+"\n{}\n")}, 1, `"accepted":1`},
		{[]string{"bash", "quality.sh"}, 0, `"publisher": "calcul"`},
		{[]string{"node", "send.mjs"}, 2, "-"},
		{[]string{"python3", "send.py"}, 2, "-"},
		{[]string{"php", "send.php"}, 2, "-"},
		{[]string{"java", "Send.java"}, 2, "-"},
		{[]string{"go", "run", "send.go"}, 2, "-"},
	}
	run := map[string]bool{}
	for _, tt := range tests {
		t.Run(name(tt.command), func(t *testing.T) {
			run[name(tt.command)] = true
			if _, err := exec.LookPath(tt.command[0]); err != nil {
				missing(t, tt.command[0])
			}
			before := s.server.Counts()
			cmd := exec.CommandContext(t.Context(), tt.command[0], tt.command[1:]...)
			cmd.Dir = "snippets"
			cmd.Env = append(os.Environ(), "BRUME_URL="+s.url, "BRUME_KEY="+s.one.Key.ID, "BRUME_SECRET="+s.one.Secret)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			after := s.server.Counts()
			if n := after.Accepted - before.Accepted; n != tt.accepts || !strings.Contains(string(out), tt.want) {
				t.Errorf("%d accepted, want %d; wrote %s", n, tt.accepts, out)
			}
		})
	}
	files, err := os.ReadDir("snippets")
	check(t, err)
	for _, f := range files {
		if !run[f.Name()] {
			t.Errorf("%s is not run", f.Name())
		}
	}
}

// name is the snippet that a command runs.
func name(command []string) string {
	for _, word := range command[1:] {
		if word != "run" {
			return word
		}
	}
	return ""
}

// missing skips what the machine cannot run; CI has all but PHP.
func missing(t *testing.T, interpreter string) {
	t.Helper()
	if interpreter == "php" {
		t.Skip("no php")
	}
	testenv.Missing(t, "no %s", interpreter)
}
