package truth

import (
	"encoding/json"
	"fmt"
	"strings"

	"brume/schemas/registry"
)

type object map[string]any

// Statement is a fact as a tool would send it: what Read reads.
func Statement(reg *registry.Registry, f Fact, id string) ([]byte, error) {
	const extensions = "https://brume.example/xapi/extensions/"
	result := object{}
	if f.Score >= 0 {
		result["score"] = object{"scaled": float64(f.Score) / 1000}
	}
	if f.Seconds >= 0 {
		result["duration"] = fmt.Sprintf("PT%dS", f.Seconds)
	}
	if f.Outcome != "" {
		result["success"] = f.Outcome == "successes"
	}
	activity := "https://audit.example/unknown/1"
	for _, t := range reg.Tools {
		if t.Code == f.Tool {
			activity = strings.TrimSuffix(t.Prefixes[0], "/") + "/audit/1"
		}
	}
	body, err := json.Marshal(object{
		"id":    id,
		"actor": object{"objectType": "Agent", "account": object{"homePage": f.Home, "name": f.Name}},
		"verb":  object{"id": "http://adlnet.gov/expapi/verbs/answered"}, "object": object{"id": activity},
		"result":    result,
		"context":   object{"extensions": object{extensions + "uai": f.School, extensions + "level": f.Level, extensions + "subject": f.Subject}},
		"timestamp": f.Time.UTC().Format("2006-01-02T15:04:05Z"),
	})
	if err != nil {
		return nil, fmt.Errorf("writing a statement: %w", err)
	}
	return body, nil
}
