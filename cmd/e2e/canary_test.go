package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"brume/internal/testenv/canary"
)

// planted is a statement with a canary in every kind of field; NAME, ID and END
// differ.
const planted = `{"id":"ID","actor":{"name":"NAME actor","account":{"homePage":"https://educonnect.example","name":"NAMEaccount"}},
"verb":{"id":"http://adlnet.gov/expapi/verbs/answered","display":{"fr":"NAME"}},
"object":{"id":"https://NAME.example/1","definition":{"name":{"fr":"NAME"},"description":{"fr":"NAME"},"extensions":{"a:NAME":"NAME"}}},
"result":{"success":true,"response":"NAME","extensions":{"a:NAME":"NAME"}},
"context":{"instructor":{"mbox":"mailto:NAME@b.example"},"team":{"objectType":"Group","name":"NAME","member":[{"openid":"https://NAME.example"}]},
 "platform":"NAME","contextActivities":{"other":[{"id":"a:NAME"}]},"extensions":{"https://brume.example/xapi/extensions/uai":"NAME","a:NAME":{"NAME":["NAME"]}}},
"authority":{"mbox":"mailto:NAME@c.example"}END}`

// plant sends a statement as it stands and three that are broken, and returns
// the answers.
func plant(t *testing.T, url string, k credentials, id string) string {
	t.Helper()
	said := ""
	for _, end := range []string{"", `,"NAME":1`, `,"result":{}`, `,"version":"NAME"`} {
		text := strings.NewReplacer("END", end, "ID", id).Replace(planted)
		_, answer := ask(t, http.MethodPost, url+"statements", k, strings.ReplaceAll(text, "NAME", canary.Stem))
		said += answer
	}
	return said
}

// ask sends a request with a publisher's key and returns the answer.
func ask(t *testing.T, method, url string, k credentials, text string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(k.Key, k.Secret)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Experience-API-Version", "1.0.3")
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	b, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, string(b)
}

// ★ After ingestion nothing of a statement is found anywhere: not in the files
// of the data directory, which hold every topic, nor in any table, log line,
// metric, answer or page, for statements taken, refused and tried. While it can
// be read back, only its publisher reads it.
func TestNothingOfAStatementIsLeft(t *testing.T) {
	dir := t.TempDir()
	data, said := filepath.Join(dir, "data"), filepath.Join(dir, "said")
	config := writeConfig(t, "log: {level: debug}\ningest: {quality: 1s}\n")
	out, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	t.Run("running", func(t *testing.T) {
		c := command(t, "brume", "serve", "--config", config, "--data", data, "--listen", "127.0.0.1:0")
		c.Stdout, c.Stderr = out, out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Wait() })
		at := map[string]string{}
		until(t, time.Minute, "serve says where it is", func() bool {
			for line := range strings.Lines(string(mustRead(t, said))) {
				if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
					at[name] = strings.TrimSpace(value)
				}
			}
			return at["xAPI"] != "" && at["metrics"] != ""
		})
		awaitEndpoint(t, at["xAPI"])
		own := decode[credentials](t, output(t, "brume", "publishers", "add", "tools", "--json", "--data", data))
		other := decode[credentials](t, output(t, "brume", "publishers", "add", "others", "--json", "--data", data))
		for _, k := range []credentials{own, other} {
			until(t, 10*time.Second, "the new key is known", func() bool { return post(t, at["xAPI"], k, "[]") == http.StatusOK })
		}
		const id = "9dc99b37-e920-4a68-a066-917faca28949"
		search(t, "an answer", plant(t, at["xAPI"], own, id))
		query := at["xAPI"] + "statements?statementId=" + id
		if status, text := ask(t, http.MethodGet, query, own, ""); status != http.StatusOK || !strings.Contains(text, canary.Stem) {
			t.Errorf("the publisher reads its statement back: %d %s", status, text)
		}
		status, text := ask(t, http.MethodGet, query, other, "")
		search(t, "the answer to another publisher", text)
		if status != http.StatusNotFound {
			t.Errorf("another publisher: %d", status)
		}
		until(t, 30*time.Second, "the statement is folded", func() bool {
			n := metrics(body(t.Context(), at["metrics"]))
			return n.Folded == 1 && n.Accepted == 1
		})
		pages := strings.TrimSuffix(at["xAPI"], "xapi/") + "publishers/"
		until(t, 10*time.Second, "the refused statements are on the quality page", func() bool {
			_, text := ask(t, http.MethodGet, pages+"quality.json", own, "")
			return strings.Contains(text, "property.unknown")
		})
		for _, page := range []string{"", "quality", "quality?lang=en", "quality.json", "status", "status.json"} {
			status, text := ask(t, http.MethodGet, pages+page, own, "")
			search(t, "page "+page, text)
			if status != http.StatusOK {
				t.Errorf("page %s: %d", page, status)
			}
		}
		search(t, "metrics", body(t.Context(), at["metrics"]))
	})
	search(t, "the log", string(mustRead(t, said)))
	files := walk(t, data, func(path string, text []byte) { search(t, "file "+path, string(text)) })
	tables := dump(t, data, func(table string, text []byte) { search(t, "table "+table, string(text)) })
	if how, _ := canary.Find(append(mustRead(t, said), "6B616E617269653778 and more"...)); how != "in hexadecimal" {
		t.Errorf("the search finds %q in a log that holds a canary", how)
	}
	t.Logf("%d files and %d tables searched", files, tables)
}

func search(t *testing.T, place, text string) {
	t.Helper()
	if how, at := canary.Find([]byte(text)); at >= 0 {
		t.Errorf("%s holds a statement's value %s: %s", place, how, canary.Around([]byte(text), at))
	}
}
