package registry

import (
	"os"
	"strings"
	"testing"

	"brume/internal/testenv"

	"github.com/google/go-cmp/cmp"
)

func TestImportDirectoryCounts(t *testing.T) {
	const head = "\ufeffuai;nom;type_etablissement;commune;academie;departement;secteur;ips\n"
	_, got, err := ImportDirectory(strings.NewReader(head +
		"0360016X;Collège A;college;X;Orléans-Tours;Indre;Public;101,7\n" +
		"0360016X;Collège A again;college;X;Orléans-Tours;Indre;Public;\n" +
		"0360016A;Wrong letter;college;X;Orléans-Tours;Indre;Public;\n" +
		"0360019A;Lycée B;lycee;X;Orléans-Tours;Indre;Privé;\n" +
		"0360038W;Elsewhere;college;X;Atlantide;Indre;Public;100\n" +
		"0360505D;Contradiction;lycee;X;Orléans-Tours;Cher;Public;100\n" +
		"0011071J;Primary;ecole;X;Lyon;Ain;Public;\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := ImportReport{Rows: 7, Imported: 2, WithoutIPS: 1, Duplicates: 1, BadUAI: 1, UnknownDepartments: 2, BadValues: 1, Departments: 1, Academies: 1}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("report (-got, +want):\n%s", d)
	}
	if _, _, err := ImportDirectory(strings.NewReader("nom,uai\n")); err == nil || !strings.Contains(err.Error(), "academie") {
		t.Errorf("missing columns: got %v", err)
	}
}

// TestImportMinistryFile reads the ministry's real directory.
func TestImportMinistryFile(t *testing.T) {
	f, err := os.Open(testenv.Data(t, "annuaire_etablissements.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, got, err := ImportDirectory(f)
	if err != nil {
		t.Fatal(err)
	}
	want := ImportReport{Rows: 12455, Imported: 12455, WithoutIPS: 1886, NotSignificant: 4, Unnamed: 2, Departments: 107, Academies: 34}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("report (-got, +want):\n%s", d)
	}
	for code, want := range map[string]Department{
		"01":  {"01", "Ain", "Lyon", "A"},
		"2A":  {"2A", "Corse-du-Sud", "Corse", "Corse"},
		"978": {"978", "Saint-Martin", "Guadeloupe", "Guadeloupe"},
		"988": {"988", "Nouvelle Calédonie", "Nouvelle Calédonie", "Nouvelle Calédonie"},
		"974": {"974", "La Réunion", "La Réunion", "La Réunion"},
	} {
		if got, _ := r.Department(code); got != want {
			t.Errorf("department %s: got %+v, want %+v", code, got, want)
		}
	}
	for _, s := range Demonstration(0).Schools {
		if _, used := r.School(s.UAI); used {
			t.Errorf("demonstration school %v exists", s.UAI)
		}
	}
}
