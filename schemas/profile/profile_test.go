package profile

import (
	"encoding/json/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The shapes of the specification's tables; unknown members are faults.
type (
	languageMap map[string]string
	doc         struct {
		Context    string      `json:"@context"`
		ID         string      `json:"id"`
		Type       string      `json:"type"`
		ConformsTo string      `json:"conformsTo"`
		Label      languageMap `json:"prefLabel"`
		Definition languageMap `json:"definition"`
		Versions   []version   `json:"versions"`
		Author     author      `json:"author"`
		Concepts   []concept   `json:"concepts"`
		Templates  []template  `json:"templates"`
	}
	version struct {
		ID            string    `json:"id"`
		WasRevisionOf []string  `json:"wasRevisionOf"`
		Generated     time.Time `json:"generatedAtTime"`
	}
	author struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}
	concept struct {
		ID           string      `json:"id"`
		Type         string      `json:"type"`
		InScheme     string      `json:"inScheme"`
		Label        languageMap `json:"prefLabel"`
		Definition   languageMap `json:"definition"`
		InlineSchema string      `json:"inlineSchema"`
	}
	template struct {
		ID         string      `json:"id"`
		Type       string      `json:"type"`
		InScheme   string      `json:"inScheme"`
		Label      languageMap `json:"prefLabel"`
		Definition languageMap `json:"definition"`
		Rules      []rule      `json:"rules"`
	}
	rule struct {
		Location string      `json:"location"`
		Presence string      `json:"presence"`
		Any      []string    `json:"any"`
		Note     languageMap `json:"scopeNote"`
	}
)

func read(t *testing.T) doc {
	t.Helper()
	var d doc
	if err := json.Unmarshal(Document(), &d, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestHead(t *testing.T) {
	d := read(t)
	if d.Context != "https://w3id.org/xapi/profiles/context" || d.Type != "Profile" || d.ConformsTo != "https://w3id.org/xapi/profiles#1.0" || d.ID != ID {
		t.Errorf("got %q %q %q %q", d.Context, d.Type, d.ConformsTo, d.ID)
	}
	if d.Author.Type != "Organization" || d.Author.Name == "" {
		t.Errorf("author is %v", d.Author)
	}
	checkText(t, d.ID, d.Label, d.Definition)
}

// Versions go from the newest to the first; each but the first says what it
// revises, and what the profile describes is in the newest.
func TestVersions(t *testing.T) {
	d := read(t)
	if len(d.Versions) == 0 {
		t.Fatal("no version")
	}
	for i, v := range d.Versions {
		first := i == len(d.Versions)-1
		if !strings.HasPrefix(v.ID, ID+"/") || v.Generated.IsZero() || first != (len(v.WasRevisionOf) == 0) {
			t.Errorf("version %v", v)
		}
		if !first && (v.WasRevisionOf[0] != d.Versions[i+1].ID || !v.Generated.After(d.Versions[i+1].Generated)) {
			t.Errorf("version %s does not follow %s", v.ID, d.Versions[i+1].ID)
		}
	}
	for _, c := range d.Concepts {
		if c.InScheme != d.Versions[0].ID {
			t.Errorf("%s is in scheme %q", c.ID, c.InScheme)
		}
	}
	for _, s := range d.Templates {
		if s.InScheme != d.Versions[0].ID {
			t.Errorf("%s is in scheme %q", s.ID, s.InScheme)
		}
	}
}

func TestConcepts(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range read(t).Concepts {
		if seen[c.ID] || !strings.HasPrefix(c.ID, ID+"/extensions/") {
			t.Errorf("id %q", c.ID)
		}
		seen[c.ID] = true
		if !slices.Contains([]string{"ContextExtension", "ResultExtension", "ActivityExtension"}, c.Type) {
			t.Errorf("%s has type %q", c.ID, c.Type)
		}
		var schema struct {
			Type    string   `json:"type"`
			Pattern string   `json:"pattern"`
			Enum    []string `json:"enum"`
			Min     int      `json:"minLength"`
			Max     int      `json:"maxLength"`
		}
		if err := json.Unmarshal([]byte(c.InlineSchema), &schema, json.RejectUnknownMembers(true)); err != nil || schema.Type != "string" {
			t.Errorf("%s: schema %s: %v", c.ID, c.InlineSchema, err)
		}
		checkText(t, c.ID, c.Label, c.Definition)
	}
	if len(seen) == 0 {
		t.Error("no concept")
	}
}

// location is the part of JSONPath that the specification allows and we use.
var location = regexp.MustCompile(`^\$(?:\.[a-zA-Z]+|\['[^']+'\])+(?: \| \$(?:\.[a-zA-Z]+|\['[^']+'\])+)*$`)

func TestTemplates(t *testing.T) {
	d := read(t)
	if len(d.Templates) == 0 {
		t.Fatal("no template")
	}
	used := map[string]bool{}
	for _, s := range d.Templates {
		if s.Type != "StatementTemplate" || !strings.HasPrefix(s.ID, ID+"/templates/") {
			t.Errorf("template %q of type %q", s.ID, s.Type)
		}
		checkText(t, s.ID, s.Label, s.Definition)
		for _, r := range s.Rules {
			if !location.MatchString(r.Location) {
				t.Errorf("location %s", r.Location)
			}
			if !slices.Contains([]string{"included", "excluded", "recommended"}, r.Presence) {
				t.Errorf("%s: presence %q", r.Location, r.Presence)
			}
			for _, c := range d.Concepts {
				place := "$.context.extensions['" + c.ID + "']"
				if c.Type == "ActivityExtension" {
					place = "$.object.definition.extensions['" + c.ID + "']"
				}
				used[c.ID] = used[c.ID] || strings.Contains(r.Location, place)
			}
		}
	}
	for _, c := range d.Concepts {
		if !used[c.ID] {
			t.Errorf("no template says where %s stands", c.ID)
		}
	}
}

// Values of a profile are never empty, null included.
func TestNothingEmpty(t *testing.T) {
	var any any
	if err := json.Unmarshal(Document(), &any); err != nil {
		t.Fatal(err)
	}
	checkFull(t, "", any)
}

func checkFull(t *testing.T, at string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			checkFull(t, at+"/"+key, member)
		}
		if len(v) > 0 {
			return
		}
	case []any:
		for _, member := range v {
			checkFull(t, at+"/*", member)
		}
		if len(v) > 0 {
			return
		}
	case string:
		if v != "" {
			return
		}
	case bool, float64:
		return
	}
	t.Errorf("%s is empty", at)
}

func checkText(t *testing.T, id string, texts ...languageMap) {
	t.Helper()
	if u, err := url.Parse(id); err != nil || u.Scheme != "https" {
		t.Errorf("%q is not an IRI", id)
	}
	for _, text := range texts {
		if text["fr"] == "" || text["en"] == "" || len(text) != 2 {
			t.Errorf("%s: want French and English, got %v", id, text)
		}
	}
}
