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
	Year      string   `json:"year"`
	Found     bool     `json:"found"`
	Objected  bool     `json:"objected"`
	Erased    bool     `json:"erased"`
	Weeks     int      `json:"weeks_counted"`      // for the yearly limit
	HalfTerms int      `json:"half_terms_counted"` // likewise
	Counted   bool     `json:"in_year_stream"`     // counted once as active this year
	Open      []Window `json:"open_windows"`
}

// Window is what is held of an open week or half-term.
type Window struct {
	Window string    `json:"window"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"` // exclusive
	Erased bool      `json:"erased"`
	School string    `json:"school"` // "" when it is not in the registry
	Cells  []Cell    `json:"cells"`
}

// Cell is what falls into one cell. Several cells may tell of the same
// statements.
type Cell struct {
	Level     string  `json:"level,omitempty"`
	Subject   string  `json:"subject,omitempty"`
	Tool      string  `json:"tool,omitempty"`
	Successes int     `json:"successes"`
	Failures  int     `json:"failures"`
	Seconds   int     `json:"seconds"`
	Scores    [10]int `json:"scores"` // in ten equal bins from 0 to 1
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
		a.Years[i] = Year{Year: n.Year, Open: []Window{}}
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
	y.Weeks, y.HalfTerms, y.Counted = y.Weeks+h.Weeks, y.HalfTerms+h.HalfTerms, y.Counted || h.Counted
	for _, w := range h.Open {
		window := Window{
			Window: w.Window.Label, From: w.Window.Start, To: w.Window.End, Erased: w.Erased,
			School: schoolName(reg, w.School), Cells: []Cell{},
		}
		for _, c := range w.Cells {
			window.Cells = append(window.Cells, cellOf(c, reg, l))
		}
		y.Open = append(y.Open, window)
	}
}

func cellOf(h cohort.HeldCell, reg *registry.Registry, l Language) Cell {
	c := Cell{Successes: h.Successes, Failures: h.Failures, Seconds: h.Seconds, Scores: h.Scores}
	if h.ByLevel {
		c.Level = l.term(reg.Levels, h.Level)
	}
	if h.BySubject {
		c.Subject = l.term(reg.Subjects, h.Subject)
	}
	if h.ByTool {
		c.Tool = l.tool(reg, h.Tool)
	}
	return c
}

func schoolName(reg *registry.Registry, uai string) string {
	for i := range reg.Schools {
		if s := &reg.Schools[i]; uai != "" && s.UAI.String() == uai {
			return s.Name + " (" + uai + ")"
		}
	}
	return uai
}
