package registry

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

//go:embed zones.csv
var zonesCSV []byte

//go:embed prefixes.csv
var prefixesCSV []byte

// ImportReport counts what became of the rows of a school directory. Every row
// is imported or stands under exactly one reason; WithoutIPS, NotSignificant
// and Unnamed are subsets of Imported.
type ImportReport struct {
	Rows               int `json:"rows"`
	Imported           int `json:"imported"`
	WithoutIPS         int `json:"without_ips"`         // social index left blank
	NotSignificant     int `json:"ips_not_significant"` // social index "NS": withheld by the ministry
	Unnamed            int `json:"unnamed"`             // the UAI stands in for the name
	Duplicates         int `json:"duplicates"`          // a UAI seen before: the first row stays
	BadUAI             int `json:"bad_uai"`             // form or check letter
	UnknownDepartments int `json:"unknown_departments"` // no name, an academy without a zone, or a name that contradicts the UAI
	BadValues          int `json:"bad_values"`          // kind, sector or social index
	Departments        int `json:"departments"`
	Academies          int `json:"academies"`
}

// importColumns are the columns that ImportDirectory needs, in the order in
// which importer.row receives them.
var importColumns = []string{"nom", "uai", "type_etablissement", "commune", "academie", "departement", "secteur", "ips"}

// ImportDirectory reads the ministry's open school directory (CSV with a
// header, comma or semicolon). Departments and academies are those of the
// file; their zones come from the reference list of academies; levels and
// subjects are the built-in ones and there are no tools. Rows that cannot be
// used are counted, never guessed; an unreadable file is an error.
func ImportDirectory(r io.Reader) (*Registry, ImportReport, error) {
	im := &importer{zones: map[string]string{}, codes: map[string]string{},
		schools: map[UAI]School{}, departments: map[string]Department{}}
	for _, row := range reference(zonesCSV) {
		im.zones[row[0]] = row[1]
	}
	for _, row := range reference(prefixesCSV) {
		im.codes[row[0]+row[1]] = row[2]
	}
	if err := im.read(r); err != nil {
		return nil, im.report, fmt.Errorf("importing school directory: %w", err)
	}
	reg := im.registry()
	if err := reg.Validate(); err != nil {
		return nil, im.report, fmt.Errorf("importing school directory: %w", err)
	}
	im.report.Departments = len(reg.Departments)
	academies := map[string]bool{}
	for _, d := range reg.Departments {
		academies[d.Academy] = true
	}
	im.report.Academies = len(academies)
	return reg, im.report, nil
}

// reference reads an embedded CSV without its header.
func reference(b []byte) [][]string {
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		panic("registry: embedded reference file: " + err.Error())
	}
	return rows[1:]
}

type importer struct {
	zones       map[string]string // academy → zone
	codes       map[string]string // UAI prefix, or prefix and department name → code
	schools     map[UAI]School
	departments map[string]Department
	report      ImportReport
}

func (im *importer) read(r io.Reader) error {
	br := bufio.NewReader(r)
	if bom, _ := br.Peek(3); string(bom) == "\ufeff" {
		br.Discard(3)
	}
	first, err := br.Peek(br.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	line, _, _ := bytes.Cut(first, []byte("\n"))
	cr := csv.NewReader(br)
	if bytes.Count(line, []byte(";")) > bytes.Count(line, []byte(",")) {
		cr.Comma = ';'
	}
	header, err := cr.Read()
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	columns, err := findColumns(header)
	if err != nil {
		return err
	}
	row := make([]string, len(columns))
	for {
		fields, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, c := range columns {
			row[i] = strings.TrimSpace(fields[c])
		}
		im.report.Rows++
		im.row(row)
	}
}

func findColumns(header []string) ([]int, error) {
	var columns []int
	var missing []string
	for _, want := range importColumns {
		i := slices.Index(header, want)
		if i < 0 {
			missing = append(missing, want)
		}
		columns = append(columns, i)
	}
	if missing != nil {
		return nil, fmt.Errorf("missing columns: %s", strings.Join(missing, ", "))
	}
	return columns, nil
}

// row files one row under one count of the report.
func (im *importer) row(row []string) {
	uai, err := ParseUAI(row[1])
	if err != nil {
		im.report.BadUAI++
		return
	}
	if _, dup := im.schools[uai]; dup {
		im.report.Duplicates++
		return
	}
	s := School{UAI: uai, Name: row[0], Kind: row[2], Commune: row[3], Sector: sectors[row[6]]}
	if s.Name == "" {
		s.Name = uai.String()
	}
	s.IPS, s.HasIPS, err = parseIPS(strings.Replace(strings.TrimPrefix(row[7], notSignificant), ",", ".", 1))
	var f faults
	f.school(s, map[string]bool{"": true})
	if err != nil || len(f) > 0 {
		im.report.BadValues++
		return
	}
	d, ok := im.department(uai, row[5], row[4])
	if !ok {
		im.report.UnknownDepartments++
		return
	}
	im.departments[d.Code] = d
	s.Department = d.Code
	im.schools[uai] = s
	im.report.count(row)
}

// notSignificant is what the ministry writes when too few families stand
// behind a school's social index.
const notSignificant = "NS"

func (r *ImportReport) count(row []string) {
	r.Imported++
	switch row[7] {
	case "":
		r.WithoutIPS++
	case notSignificant:
		r.NotSignificant++
	}
	if row[0] == "" {
		r.Unnamed++
	}
}

var sectors = map[string]string{"Public": Public, "Privé": Private}

// department derives the INSEE code from the UAI's prefix, where need be with
// the department's name (the islands of Guadeloupe share a prefix). It refuses
// a row that contradicts an earlier one of the same code.
func (im *importer) department(u UAI, name, academy string) (Department, bool) {
	zone := im.zones[academy]
	if name == "" || zone == "" {
		return Department{}, false
	}
	p := u.prefix()
	code := im.codes[p+name]
	if code == "" {
		code = im.codes[p]
	}
	if code == "" {
		code = departmentCode(p)
	}
	d := Department{Code: code, Name: name, Academy: academy, Zone: zone}
	if known, ok := im.departments[code]; ok && known != d {
		return Department{}, false
	}
	return d, true
}

func (im *importer) registry() *Registry {
	r := &Registry{Levels: builtinLevels(), Subjects: builtinSubjects()}
	for _, s := range im.schools {
		r.Schools = append(r.Schools, s)
	}
	for _, d := range im.departments {
		r.Departments = append(r.Departments, d)
	}
	slices.SortFunc(r.Schools, func(a, b School) int { return int(a.UAI) - int(b.UAI) })
	slices.SortFunc(r.Departments, func(a, b Department) int { return strings.Compare(a.Code, b.Code) })
	return r
}
