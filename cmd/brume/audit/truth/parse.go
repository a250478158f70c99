package truth

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"brume/schemas/registry"
)

// statement is the part of a simulated statement that counts.
type statement struct {
	Actor struct {
		Account struct{ HomePage, Name string }
	}
	Verb   struct{ ID string }
	Object struct {
		ID         string
		Definition struct{ Extensions map[string]any }
	}
	Result struct {
		Success    *bool
		Duration   string
		Score      struct{ Scaled, Raw, Min, Max *float64 }
		Extensions map[string]any
	}
	Context struct {
		Extensions        map[string]any
		ContextActivities struct{ Grouping []struct{ ID string } }
	}
	Timestamp time.Time
}

// Read reads a simulated statement, which MUST be well formed and about one
// pupil.
func Read(reg *registry.Registry, body []byte) (Fact, error) {
	var s statement
	if err := json.Unmarshal(body, &s); err != nil {
		return Fact{}, fmt.Errorf("reading a simulated statement: %w", err)
	}
	f := Fact{
		Home: s.Actor.Account.HomePage, Name: s.Actor.Account.Name,
		School: s.named("school", "uai"), Level: s.named("level", "level"), Subject: s.named("subject", "subject"),
		Score: s.score(), Seconds: s.seconds(), Time: s.Timestamp,
	}
	for _, t := range reg.Tools {
		for _, prefix := range t.Prefixes {
			if strings.HasPrefix(s.Object.ID, prefix) {
				f.Tool = t.Code
			}
		}
	}
	f.Outcome = s.outcome()
	return f, nil
}

// named is the code that an extension or a grouping activity gives.
func (s *statement) named(group, extension string) string {
	const extensions = "https://brume.example/xapi/extensions/"
	if v, ok := s.Context.Extensions[extensions+extension].(string); ok {
		return v
	}
	if v, ok := s.Object.Definition.Extensions[extensions+"activity-"+extension].(string); ok {
		return v
	}
	for _, g := range s.Context.ContextActivities.Grouping {
		if code, ok := strings.CutPrefix(g.ID, "https://brume.example/"+group+"/"); ok {
			return code
		}
	}
	return ""
}

func (s *statement) outcome() string {
	good, stated := strings.HasSuffix(s.Verb.ID, "/passed"), false
	if s.Result.Success != nil {
		good, stated = *s.Result.Success, true
	}
	switch {
	case good:
		return "successes"
	case stated, strings.HasSuffix(s.Verb.ID, "/failed"):
		return "failures"
	}
	return ""
}

func (s *statement) score() int {
	switch sc := s.Result.Score; {
	case sc.Scaled != nil:
		return int(math.Round(1000 * *sc.Scaled))
	case sc.Raw != nil && sc.Min != nil && sc.Max != nil:
		return int(math.Round(1000 * (*sc.Raw - *sc.Min) / (*sc.Max - *sc.Min)))
	}
	return -1
}

// seconds reads the simulated forms of a duration: PT75S, PT2M30S, and one
// played segment from the beginning.
func (s *statement) seconds() int {
	var m, sec int
	if _, err := fmt.Sscanf(s.Result.Duration, "PT%dS", &sec); err == nil {
		return sec
	}
	if _, err := fmt.Sscanf(s.Result.Duration, "PT%dM%dS", &m, &sec); err == nil {
		return 60*m + sec
	}
	segments, _ := s.Result.Extensions["https://w3id.org/xapi/video/extensions/played-segments"].(string)
	if _, err := fmt.Sscanf(segments, "0[.]%d", &sec); err == nil {
		return sec
	}
	return -1
}
