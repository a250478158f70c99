package rights

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteText prints the answer for the person who asked.
func (a Answer) WriteText(w io.Writer, l Language) error {
	var b strings.Builder
	for _, y := range a.Years {
		y.text(&b, l)
	}
	for _, year := range a.Destroyed {
		fmt.Fprintf(&b, l.of("Année scolaire %s : les clés sont détruites, plus personne ne peut y être retrouvé.\n\n",
			"School year %s: the keys are destroyed, nobody can be found there any more.\n\n"), year)
	}
	if len(a.Years)+len(a.Destroyed) == 0 {
		b.WriteString(l.of("Aucune année scolaire ouverte ne compte un tel identifiant : rien n'est détenu sous ce nom.\n\n",
			"No open school year counts such an identifier: nothing is held under it.\n\n"))
	}
	b.WriteString(l.of("À savoir\n", "To know\n"))
	for _, note := range a.Notes {
		fmt.Fprintf(&b, "- %s\n", note)
	}
	if a.Pending > 0 {
		fmt.Fprintf(&b, l.of("- Le journal contient %d enregistrements, de tous les élèves ensemble, plus récents que cette réponse.\n",
			"- The log holds %d records, of all pupils together, that are newer than this answer.\n"), a.Pending)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (y Year) text(b *strings.Builder, l Language) {
	fmt.Fprintf(b, l.of("Année scolaire %s\n", "School year %s\n"), y.Year)
	line := func(ok bool, french, english string) {
		if ok {
			fmt.Fprintf(b, "  %s\n", l.of(french, english))
		}
	}
	line(!y.Found, "Rien n'est détenu sous cet identifiant.", "Nothing is held under this identifier.")
	line(y.Objected, "Opposition enregistrée : plus rien n'est compté.", "Objection noted: nothing more is counted.")
	line(y.Erased, "Effacement demandé : plus rien n'est compté, les semaines ouvertes ont été vidées.", "Erasure asked for: nothing more is counted, the open weeks were emptied.")
	if y.Found {
		fmt.Fprintf(b, l.of("  L'élève a compté dans %d semaines et %d périodes.\n", "  The pupil counted in %d weeks and %d half-terms.\n"), y.Weeks, y.HalfTerms)
	}
	line(y.Counted, "L'élève a été compté une fois comme actif cette année.", "The pupil was counted once as active this year.")
	for _, w := range y.Open {
		w.text(b, l)
	}
	b.WriteString("\n")
}

func (w Window) text(b *strings.Builder, l Language) {
	fmt.Fprintf(b, l.of("  %s, du %s au %s, encore ouverte\n", "  %s, %s to %s, still open\n"),
		w.Window, w.From.Format(time.DateOnly), w.To.AddDate(0, 0, -1).Format(time.DateOnly))
	if w.Erased {
		b.WriteString(l.of("    effacée\n", "    erased\n"))
		return
	}
	school := w.School
	if school == "" {
		school = l.of("hors du répertoire", "not in the registry")
	}
	fmt.Fprintf(b, l.of("    établissement : %s\n", "    school: %s\n"), school)
	for _, c := range w.Cells {
		c.text(b, l)
	}
}

// text prints a cell's dimensions and what it counts, if more than activity.
func (c Cell) text(b *strings.Builder, l Language) {
	var dims, counts []string
	for _, d := range [][2]string{
		{l.of("niveau", "level"), c.Level}, {l.of("matière", "subject"), c.Subject}, {l.of("outil", "tool"), c.Tool},
	} {
		if d[1] != "" {
			dims = append(dims, d[0]+" "+d[1])
		}
	}
	if len(dims) == 0 {
		dims = []string{l.of("en tout", "in all")}
	}
	scores := 0
	for _, n := range c.Scores {
		scores += n
	}
	for _, m := range []struct {
		n    int
		what string
	}{
		{c.Successes, l.of("réussites", "successes")}, {c.Failures, l.of("échecs", "failures")},
		{c.Seconds, l.of("secondes", "seconds")}, {scores, l.of("scores", "scores")},
	} {
		if m.n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", m.n, m.what))
		}
	}
	if len(counts) == 0 {
		counts = []string{l.of("actif", "active")}
	}
	fmt.Fprintf(b, l.of("    %s : %s\n", "    %s: %s\n"), strings.Join(dims, ", "), strings.Join(counts, ", "))
}
