package keys_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"brume/anonymize/keys"
	"brume/schemas/event"
)

var noon = time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)

const year = "2026-2027"

// initialised returns a fresh key directory, as it stands at noon.
func initialised(t testing.TB) (dir string, s *keys.Store) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "keys")
	if err := keys.Init(dir, []string{year}, noon); err != nil {
		t.Fatal(err)
	}
	return dir, open(t, dir)
}

func open(t testing.TB, dir string) *keys.Store {
	t.Helper()
	s, err := keys.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// contents returns every file of the directory.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path[len(dir)+1:]] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sample() *event.Event {
	return &event.Event{
		Actor: event.NewActor("account:https://ent.aix.example|canary-4711"), Scope: "https://ent.aix.example",
		Score: event.NoScore, Duration: event.NoDuration, Hour: event.Hour(noon), Received: noon.Unix(),
	}
}
