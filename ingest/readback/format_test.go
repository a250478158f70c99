package readback

import (
	"bytes"
	"encoding/json/jsontext"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brume/ingest/parts"
)

// whole has every place that a format treats.
const whole = `{"id":"9dc99b37-e920-4a68-a066-000000000001","stored":"2020-01-01T00:00:00Z","authority":{"openid":"https://id.example/forged"},
	"actor":{"objectType":"Group","name":"6e B","member":[{"name":"Zoé","openid":"https://id.example/1"},{"objectType":"Agent","mbox":"mailto:a@b.example"}]},
	"verb":{"id":"a:answered","display":{"fr":"a répondu","en-GB":"answered","en-US":"answered, dude"}},
	"object":{"objectType":"SubStatement","actor":{"objectType":"Group","mbox":"mailto:g@b.example","name":"G","member":[{"openid":"a:b"}]},
		"verb":{"id":"a:liked","display":{"en-US":"liked"}},
		"object":{"objectType":"Activity","id":"a:12","definition":{"type":"a:t","name":{"de":"Übung","fr":"Exercice"},"interactionType":"choice","correctResponsesPattern":["x"],
			"choices":[{"id":"x","description":{"fr":"Oui","en":"Yes"}}],"extensions":{"a:e":{"name":{"fr":"1","en":"2"}}}}}},
	"result":{"score":{"raw":1.50},"response":"\u00e9"},
	"context":{"registration":"F47AC10B-58CC-4372-A567-0E02B2C3D479","instructor":{"name":"Prof","openid":"https://id.example/p"},
		"contextActivities":{"parent":{"id":"a:p","definition":{"description":{"fr":"Parent"}}},"other":[{"id":"a:1"},{"id":"a:2"}]},
		"contextAgents":[{"objectType":"contextAgent","agent":{"name":"X","openid":"a:x"},"relevantTypes":["a:r"]}]},
	"attachments":[{"usageType":"a:u","display":{"fr":"Pièce","en":"Part"},"contentType":"text/plain","length":3,"sha2":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]}`

var update = flag.Bool("update", false, "rewrite the golden files")

func TestFormats(t *testing.T) {
	rows := []struct{ file, query, accept string }{
		{"exact.json", "", "fr"},
		{"ids.json", "&format=ids", "fr"},
		{"canonical_fr.json", "&format=canonical", "fr-CA, en;q=0.5"},
		{"canonical_en.json", "&format=canonical", "en-GB;q=0.8, en-US;q=0.9, fr;q=0"},
		{"canonical_none.json", "&format=canonical", ""},
	}
	w := newTested(t, 8<<20)
	w.put(whole)
	for _, row := range rows {
		a, err := w.Read(owner, parse(t, "statementId="+id("1")+row.query), ParseLanguages(row.accept))
		if err != nil {
			t.Fatal(err)
		}
		text := jsontext.Value(a.Body)
		if err := text.Indent(jsontext.WithIndent(" ")); err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
		path := filepath.Join("testdata", row.file)
		if *update {
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(text, want) {
			t.Errorf("%s: %v, got\n%s", row.file, err, text)
		}
	}
}

// What the sender did not give is filled in: id, times, the version of the
// request's line, the publisher as authority.
func TestFilledIn(t *testing.T) {
	w := newTested(t, 8<<20)
	list := decoded(t, strings.Replace(made(t, "1"), `"id":"`+id("1")+`",`, "", 1))
	list[0].ID = id("1")
	w.Put(owner, true, list, nil)
	a, err := w.ask(owner, "statementId="+id("1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"id":"` + id("1") + `"`, `"timestamp":"2026-09-14T12:30:00Z"`, `"stored":"2026-09-14T12:30:00Z"`, `"version":"2.0.0"`,
		`"authority":{"objectType":"Agent","account":{"homePage":"https://brume.example/publishers","name":"calcul"}}`} {
		if strings.Count(string(a.Body), want) != 1 {
			t.Errorf("no %s in %s", want, a.Body)
		}
	}
	if !a.Stored.Equal(noon) {
		t.Errorf("stored %v", a.Stored)
	}
	decoded(t, string(a.Body)) // is a valid statement
}

func TestLanguages(t *testing.T) {
	rows := []struct {
		line   int
		accept string
		tags   string
		want   string
	}{
		{line(), "fr", "en fr", "fr"},
		{line(), "FR-fr", "en fr", "fr"},
		{line(), "fr", "en fr-CA", "fr-CA"},
		{line(), "en;q=0.1, fr;q=0.2", "en fr", "fr"},
		{line(), "en;q=0, de", "en fr", "en"}, // nothing fits: the first
		{line(), "zh-Hant-TW", "en zh zh-Hant", "zh-Hant"},
		{line(), "f", "en fr", "en"},
		{line(), "*", "en fr", "en"},
		{line(), "", "en fr", "en"},
		{line(), ";;;", "en fr", "en"},
		{line(), "de", "en", "en"},
	}
	for _, row := range rows {
		tags := strings.Fields(row.tags)
		if got := tags[choose(ParseLanguages(row.accept), tags)]; got != row.want {
			t.Errorf("line %d: got %s, want %s", row.line, got, row.want)
		}
	}
	if n := len(ParseLanguages(strings.Repeat("fr,", 500) + "en")); n > maxLanguages {
		t.Errorf("%d ranges", n)
	}
}

func TestAttachments(t *testing.T) {
	w := newTested(t, 8<<20)
	sha2 := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	w.Put(owner, false, decoded(t, whole), []parts.Part{{SHA2: sha2, ContentType: "text/plain; charset=utf-8", Body: []byte("abc")}})
	w.put(strings.ReplaceAll(whole, id("1"), id("2")))
	for _, query := range []string{"statementId=" + id("1") + "&attachments=true", "attachments=true"} {
		a, err := w.ask(owner, query)
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(a.ContentType)
		if err != nil || kind != "multipart/mixed" {
			t.Fatal(a.ContentType, err)
		}
		m := multipart.NewReader(bytes.NewReader(a.Body), params["boundary"])
		var got []string
		for {
			p, err := m.NextPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(p)
			got = append(got, p.Header.Get("Content-Type")+" "+p.Header.Get("X-Experience-API-Hash")+" "+string(body[:min(3, len(body))]))
		}
		if len(got) != 2 || got[1] != "text/plain; charset=utf-8 "+sha2+" abc" || !strings.HasPrefix(got[0], "application/json  {") {
			t.Errorf("%s: parts %q", query, got)
		}
	}
	if a, _ := w.ask(owner, "attachments=false"); a.ContentType != "application/json" || bytes.Contains(a.Body, []byte("abc")) {
		t.Errorf("attachments=false: %s", a.ContentType)
	}
}
