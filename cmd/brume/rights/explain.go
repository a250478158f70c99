package rights

import (
	"context"
	"log/slog"
	"time"

	"brume/anonymize"
	"brume/anonymize/cohort"
	"brume/internal/kafka"
	"brume/schemas/registry"
)

// Answer is what is held of a person. It names nobody, and states facts about
// somebody: it goes to whoever asked.
type Answer struct {
	Years     []Year   `json:"years"`
	Destroyed []string `json:"destroyed_years"` // nobody can be found there any more
	Pending   int64    `json:"pending_records"` // of everybody: in the log, sealed, beyond the snapshots
	Notes     []string `json:"notes"`           // what else there is, and what cannot be found
}

// Year is what is held under one name of the person.
type Year struct {
	Year     string `json:"year"`
	Found    bool   `json:"found"`
	Objected bool   `json:"objected"`
	Erased   bool   `json:"erased"`
	Counted  int    `json:"weeks_counted"` // for the yearly limit
	Weeks    []Week `json:"open_weeks"`
}

// Week is what is held of an open week.
type Week struct {
	Week     string    `json:"week"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"` // exclusive
	Erased   bool      `json:"erased"`
	School   string    `json:"school"` // "" when it is not in the registry
	Levels   []string  `json:"levels"`
	Outcomes []Outcome `json:"outcomes"`
}

// Outcome is what was answered in a subject.
type Outcome struct {
	Subject   string `json:"subject"`
	Failures  int    `json:"failures"`
	Successes int    `json:"successes"`
}

// Source is where snapshots rest and how they are opened.
type Source struct {
	Kafka      *kafka.Client
	Keys       anonymize.Keys
	Env        cohort.Env
	Partitions int
	Registry   *registry.Registry
	Log        *slog.Logger
}

// Explain opens the newest snapshot of every partition, one after the other, and
// returns what they hold under the names.
func (s Source) Explain(ctx context.Context, names []Name, l Language) (Answer, error) {
	a := Answer{Years: make([]Year, len(names)), Notes: l.notes()}
	for i, n := range names {
		a.Years[i] = Year{Year: n.Year, Weeks: []Week{}}
	}
	for p := range s.Partitions {
		state, behind, err := anonymize.Saved(ctx, s.Kafka, s.Keys, s.Env, p, s.Log)
		if err != nil {
			return a, err
		}
		a.Pending += behind
		for i, n := range names {
			a.Years[i].add(state.Held(n.Year, n.Pupil), s.Registry, l)
		}
	}
	return a, nil
}

// add adds what one partition holds: a pupil is in one of them, an objection in
// all.
func (y *Year) add(h cohort.Held, reg *registry.Registry, l Language) {
	y.Found = y.Found || h.Known
	y.Objected, y.Erased = y.Objected || h.Objected, y.Erased || h.Erased
	y.Counted += h.Meter
	for _, w := range h.Weeks {
		week := Week{
			Week: w.Window.Label, From: w.Window.Start, To: w.Window.End, Erased: w.Erased,
			School: schoolName(reg, w.School), Levels: []string{}, Outcomes: []Outcome{},
		}
		for _, id := range w.Levels {
			week.Levels = append(week.Levels, l.term(reg.Levels, id))
		}
		for _, o := range w.Outcomes {
			week.Outcomes = append(week.Outcomes, Outcome{l.term(reg.Subjects, o.Subject), o.Failures, o.Successes})
		}
		y.Weeks = append(y.Weeks, week)
	}
}

func schoolName(reg *registry.Registry, uai string) string {
	for i := range reg.Schools {
		if s := &reg.Schools[i]; uai != "" && s.UAI.String() == uai {
			return s.Name + " (" + uai + ")"
		}
	}
	return uai
}
