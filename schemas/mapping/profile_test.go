package mapping

import (
	"encoding/json/v2"
	"slices"
	"strings"
	"testing"

	"brume/schemas/profile"
)

// Every extension of ours that the generic mapping reads is in the profile, at
// the place where the profile puts it, and the other way round.
func TestProfile(t *testing.T) {
	var document struct {
		Concepts []struct{ ID, Type string }
	}
	if err := json.Unmarshal(profile.Document(), &document, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	var documented, read []string
	place := map[string]string{"ContextExtension": "/context/extensions/", "ActivityExtension": "/object/definition/extensions/", "ResultExtension": "/result/extensions/"}
	for _, c := range document.Concepts {
		documented = append(documented, place[c.Type]+c.ID)
	}
	m := shippedMapping(t, "generic")
	for _, r := range slices.Concat(m.Teacher, m.School, m.Level, m.Subject, m.Whole, m.Duration) {
		for _, p := range r.Pointer {
			if strings.Contains(p, "/extensions/") {
				read = append(read, strings.ReplaceAll(p, "~1", "/"))
			}
		}
	}
	slices.Sort(documented)
	slices.Sort(read)
	if !slices.Equal(documented, read) {
		t.Errorf("the profile documents %v\nthe generic mapping reads %v", documented, read)
	}
}
