package e2e

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"brume/anonymize/keys"
	"brume/internal/testenv"
)

// home is one of the home pages that the built-in policies list.
const home = "https://ent.aix.example"

// about is the n-th statement of a pupil in the first days of the school year.
func about(pupil string, n int) string {
	return fmt.Sprintf(`{"actor":{"account":{"homePage":%q,"name":%q}},"verb":{"id":"http://adlnet.gov/expapi/verbs/answered"},`+
		`"object":{"id":"https://tool.example/1"},"result":{"success":true},"timestamp":"2026-09-02T09:%02d:00Z"}`, home, pupil, n)
}

// requested is what an answered request says.
type requested struct {
	Kind     string  `json:"kind"`
	Requests []entry `json:"requests"`
	Applied  bool    `json:"applied"`
}

// entry is a request in the register.
type entry struct {
	Kind  string `json:"kind"`
	Year  string `json:"year"`
	Token string `json:"token"`
}

// asks says a request with the identifier on standard input and returns all
// that is printed.
func asks(t *testing.T, identifier string, args ...string) (stdout []byte, all string, err error) {
	t.Helper()
	c := command(t, "brume", args...)
	c.Stdin = strings.NewReader(identifier)
	var out, errors bytes.Buffer
	c.Stdout, c.Stderr = &out, &errors
	err = c.Run()
	return out.Bytes(), out.String() + errors.String(), err
}

// An objection and an erasure are applied in every partition before the command
// says so, stay after a restart, and leave the pupil's identifier nowhere.
func TestRights(t *testing.T) {
	const kept, objecting, erased = "canary-zoe-4711", "canary-yann-4712", "canary-xena-4713"
	cfg := testenv.Kafka(t)
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), writeConfig(t, fmt.Sprintf(
		"kafka: {brokers: [%q], prefix: %q}\npartitions: 4\npolicies: [2026-2027]\nanonymize: {snapshot_every: 1s}\n", cfg.Brokers[0], cfg.Prefix))
	serve := []string{"serve", "--config", file, "--data", data, "--listen", "127.0.0.1:0"}
	c, out := start(t, nil, "brume", serve...)
	at := addresses(t, out)
	awaitEndpoint(t, at["xAPI"])
	publisher := decode[credentials](t, output(t, "brume", "publishers", "add", "tools", "--json", "--data", data))
	sent := 0
	take := func(pupils ...string) {
		sent++
		for _, pupil := range pupils {
			until(t, 20*time.Second, "a statement is taken", func() bool {
				return post(t, at["xAPI"], publisher, about(pupil, sent)) == http.StatusOK
			})
		}
	}
	folded := func(n int64) func() bool {
		return func() bool { return metrics(body(t.Context(), at["metrics"])).Folded == n }
	}
	dropped := func(objection, erasure int64) func() bool {
		return func() bool {
			r := metrics(body(t.Context(), at["metrics"])).Reasons
			return r["objection"] == objection && r["erased"] == erasure
		}
	}
	take(kept, objecting, erased)
	until(t, 20*time.Second, "all is folded", folded(3))

	var said strings.Builder
	ask := func(command, identifier string) requested {
		t.Helper()
		stdout, all, err := asks(t, identifier, "rights", command, "--json", "--data", data)
		said.WriteString(all)
		if err != nil {
			t.Fatalf("rights %s: %v\n%s", command, err, all)
		}
		return decode[requested](t, stdout)
	}
	o := ask("object", fmt.Sprintf(`{"objectType":"Agent","account":{"name":%q,"homePage":%q}}`, objecting, home))
	e := ask("erase", home+" "+erased)
	if !o.Applied || !e.Applied || len(o.Requests) != 1 || len(e.Requests) != 1 || o.Kind != "OBJECT" || e.Kind != "ERASE" {
		t.Errorf("answered %+v and %+v", o, e)
	}
	take(kept, objecting, erased)
	until(t, 20*time.Second, "what must not be folded is not", func() bool { return dropped(1, 1)() && folded(4)() })

	explains(t, data, kept, objecting, erased)

	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	_, out = start(t, nil, "brume", serve...)
	at = addresses(t, out)
	awaitEndpoint(t, at["xAPI"])
	take(kept, objecting, erased)
	until(t, 30*time.Second, "it stays so after a restart", func() bool { return dropped(2, 2)() && folded(5)() })

	entries := decode[[]entry](t, output(t, "brume", "rights", "list", "--json", "--data", data))
	if len(entries) != 2 || entries[0].Token != o.Requests[0].Token || entries[1].Token != tokenOf(t, filepath.Join(data, "keys"), erased) {
		t.Errorf("the register holds %+v", entries)
	}
	if again, all, err := asks(t, "", "rights", "repeat", "--json", "--data", data); err != nil || !decode[requested](t, again).Applied {
		t.Errorf("repeat: %v\n%s", err, all)
	}
	for _, wrong := range []string{"https://elsewhere.example " + kept, kept + " " + kept + " " + kept, `{"name":"` + kept + `"}`, ""} {
		_, all, err := asks(t, wrong, "rights", "object", "--data", data)
		if err == nil {
			t.Error("an identifier that nobody can have is accepted")
		}
		said.WriteString(all)
	}
	if strings.Contains(said.String(), "canary") {
		t.Errorf("an identifier is in what the commands printed:\n%s", said.String())
	}
	searched := walk(t, data, func(path string, text []byte) {
		if bytes.Contains(text, []byte("canary")) {
			t.Errorf("file %s holds an identifier", path)
		}
	})
	t.Logf("%d files searched", searched)
}

// explains requires that each pupil is told what is held, and nothing else.
func explains(t *testing.T, data string, kept, objecting, erased string) {
	t.Helper()
	type year struct {
		Found    bool `json:"found"`
		Objected bool `json:"objected"`
		Erased   bool `json:"erased"`
		Counted  int  `json:"weeks_counted"`
		Open     []struct {
			Window string `json:"window"`
			Erased bool   `json:"erased"`
			Cells  []struct {
				Successes int `json:"successes"`
			} `json:"cells"`
		} `json:"open_windows"`
	}
	week := func(y year) (erased bool, successes int) {
		for _, w := range y.Open {
			if w.Window == "2026-W36" {
				for _, c := range w.Cells {
					successes += c.Successes
				}
				return w.Erased, successes
			}
		}
		t.Fatalf("the week is not in %+v", y)
		return false, 0
	}
	ask := func(pupil string) (y year) {
		stdout, all, err := asks(t, home+" "+pupil, "rights", "explain", "--json", "--data", data)
		if err != nil {
			t.Fatalf("rights explain: %v\n%s", err, all)
		}
		a := decode[struct {
			Years []year `json:"years"`
		}](t, stdout)
		if len(a.Years) != 1 || strings.Contains(all, "canary") {
			t.Fatalf("explained: %s", all)
		}
		return a.Years[0]
	}
	until(t, 20*time.Second, "what is held is in a snapshot", func() bool {
		y := ask(kept)
		if y.Found {
			_, n := week(y)
			return n == 2
		}
		return false
	})
	if y := ask(kept); y.Objected || y.Erased || y.Counted != 1 {
		t.Errorf("who asked for nothing is told %+v", y)
	}
	y := ask(objecting)
	if _, n := week(y); !y.Found || !y.Objected || y.Erased || n != 1 {
		t.Errorf("who objected is told %+v", y)
	}
	y = ask(erased)
	if gone, n := week(y); !y.Found || !y.Erased || !gone || n != 0 {
		t.Errorf("who was erased is told %+v", y)
	}
	if y := ask("canary-nobody"); y.Found || y.Objected || y.Erased || y.Counted != 0 {
		t.Errorf("nobody is told %+v", y)
	}
	for _, text := range [][2]string{{"fr", "2026-W36, du 2026-08-31 au 2026-09-06, encore ouverte"}, {"en", "2026-W36, 2026-08-31 to 2026-09-06, still open"}} {
		if _, all, err := asks(t, home+" "+kept, "rights", "explain", "--lang", text[0], "--data", data); err != nil || !strings.Contains(all, text[1]) {
			t.Errorf("%s: %v\n%s", text[0], err, all)
		}
	}
}

// tokenOf is what control records call a pupil, computed apart.
func tokenOf(t *testing.T, keyDir, pupil string) string {
	t.Helper()
	store, err := keys.Open(keyDir)
	if err != nil {
		t.Fatal(err)
	}
	key, err := store.Pseudonym("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	token := key.Token(key.Of("shared", "account:"+home+"|"+pupil))
	return hex.EncodeToString(token[:])
}
