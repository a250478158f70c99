package rights

import (
	"fmt"
	"io"
	"strings"
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
		fmt.Fprintf(b, l.of("  Semaines dans lesquelles l'élève a compté : %d\n", "  Weeks in which the pupil counted: %d\n"), y.Counted)
	}
	for _, w := range y.Weeks {
		w.text(b, l)
	}
	b.WriteString("\n")
}

func (w Week) text(b *strings.Builder, l Language) {
	fmt.Fprintf(b, l.of("  Semaine %s, encore ouverte\n", "  Week %s, still open\n"), w.Week)
	if w.Erased {
		b.WriteString(l.of("    effacée\n", "    erased\n"))
		return
	}
	school := w.School
	if school == "" {
		school = l.of("hors du répertoire", "not in the registry")
	}
	fmt.Fprintf(b, l.of("    établissement : %s\n    niveaux : %s\n", "    school: %s\n    levels: %s\n"), school, strings.Join(w.Levels, ", "))
	for _, o := range w.Outcomes {
		fmt.Fprintf(b, l.of("    %s : %d réussites, %d échecs\n", "    %s: %d successes, %d failures\n"), o.Subject, o.Successes, o.Failures)
	}
}
