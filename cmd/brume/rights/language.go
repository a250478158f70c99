package rights

import (
	"fmt"

	"brume/schemas/registry"
)

// Language is one in which a person is answered.
type Language string

// The languages.
const (
	French  Language = "fr"
	English Language = "en"
)

// ParseLanguage reads "fr" or "en".
func ParseLanguage(s string) (Language, error) {
	if l := Language(s); l == French || l == English {
		return l, nil
	}
	return "", fmt.Errorf("--lang: %q is not fr or en", s)
}

// of chooses between the French and the English text.
func (l Language) of(french, english string) string {
	if l == English {
		return english
	}
	return french
}

// term returns the name of a level or subject.
func (l Language) term(list []registry.Term, id uint8) string {
	for _, t := range list {
		if t.ID == id {
			return l.of(t.French, t.English)
		}
	}
	return l.of("autre", "other")
}

// tool returns the name of a tool.
func (l Language) tool(reg *registry.Registry, id uint16) string {
	for _, t := range reg.Tools {
		if t.ID == id {
			return t.Name
		}
	}
	return l.of("autre", "other")
}

// notes say what else there is, and what cannot be found again.
func (l Language) notes() []string {
	return []string{
		l.of("Les déclarations reçues depuis moins de 72 heures reposent encore, chiffrées, dans le journal : elles s'effacent d'elles-mêmes, et leur clé est détruite 72 heures après leur heure de réception.",
			"Statements received in the last 72 hours still rest in the log, sealed: they vanish by themselves, and their key is destroyed 72 hours after the hour in which they came."),
		l.of("Pour reconnaître les envois répétés, l'empreinte chiffrée de chaque déclaration est gardée 72 heures ; elle ne dit rien de son contenu.",
			"To recognise repeated statements a keyed fingerprint of each is kept for 72 hours; it says nothing of its content."),
		l.of("L'état précédent de chaque partition, chiffré lui aussi, reste jusqu'à ce que le suivant soit complet et que le courtier ait effacé l'ancien : il peut contenir ce qui vient d'être effacé.",
			"The state before the newest of each partition, sealed too, stays until the next is whole and the broker has deleted the old one: it may hold what has just been erased."),
		l.of("Les chiffres déjà publiés sont des totaux bruités : personne n'y est désigné, nul ne peut y retrouver ni en retirer la part d'un élève.",
			"The figures that are already published are sums with noise: nobody is named in them, and nobody can find a pupil's part in them or take it out."),
		l.of("Le nom, l'adresse électronique et l'identifiant de l'élève ne sont pas conservés : seulement un pseudonyme, calculé avec une clé détruite après l'année scolaire.",
			"The pupil's name, e-mail address and identifier are not kept: only a pseudonym, computed with a key that is destroyed after the school year."),
	}
}
