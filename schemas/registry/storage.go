package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// table is one CSV file of a registry directory.
type table struct {
	name   string
	header []string
	rows   func(r *Registry) [][]string
	add    func(r *Registry, row []string) error
}

var tables = []table{
	{"departments.csv", []string{"code", "name", "academy", "zone"}, departmentRows, addDepartment},
	{"schools.csv", []string{"uai", "name", "kind", "commune", "department", "sector", "ips", "enrolment"}, schoolRows, addSchool},
	{"levels.csv", termHeader, func(r *Registry) [][]string { return termRows(r.Levels) },
		func(r *Registry, row []string) error { return addTerm(&r.Levels, row) }},
	{"subjects.csv", termHeader, func(r *Registry) [][]string { return termRows(r.Subjects) },
		func(r *Registry, row []string) error { return addTerm(&r.Subjects, row) }},
	{"tools.csv", []string{"id", "code", "name", "publisher", "prefixes"}, toolRows, addTool},
}

// Load reads a registry directory and validates it. It reports every fault
// that it finds, with file and line.
func Load(dir string) (*Registry, error) {
	r := &Registry{}
	var all []error
	for _, t := range tables {
		all = append(all, r.load(t, filepath.Join(dir, t.name)))
	}
	if err := errors.Join(all...); err != nil {
		return nil, fmt.Errorf("loading registry: %w", err)
	}
	if err := r.Validate(); err != nil {
		return nil, fmt.Errorf("loading registry: %w", err)
	}
	return r, nil
}

func (r *Registry) load(t table, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	cr := csv.NewReader(f)
	cr.FieldsPerRecord = len(t.header)
	rows, err := cr.ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != strings.Join(t.header, ",") {
		return fmt.Errorf("%s: want header %s", t.name, strings.Join(t.header, ","))
	}
	var all []error
	for i, row := range rows[1:] {
		if err := t.add(r, row); err != nil {
			all = append(all, fmt.Errorf("%s:%d: %w", t.name, i+2, err))
		}
	}
	return errors.Join(all...)
}

// Save writes the registry into a directory, creating it if needed. Each file
// is replaced whole; the set of files is not.
func (r *Registry) Save(dir string) error {
	if err := r.Validate(); err != nil {
		return fmt.Errorf("saving registry: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("saving registry: %w", err)
	}
	for _, t := range tables {
		path := filepath.Join(dir, t.name)
		if err := os.WriteFile(path+".new", r.encode(t), 0o644); err != nil {
			return fmt.Errorf("saving registry: %w", err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			return fmt.Errorf("saving registry: %w", err)
		}
	}
	return nil
}

func (r *Registry) encode(t table) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(t.header) // a bytes.Buffer does not fail
	w.WriteAll(t.rows(r))
	return b.Bytes()
}

// Hash is the SHA-256 of the files that Save would write, each preceded by its
// length: equal registries have equal hashes, on every machine.
func (r *Registry) Hash() [32]byte {
	h := sha256.New()
	for _, t := range tables {
		b := r.encode(t)
		h.Write(binary.BigEndian.AppendUint64([]byte(t.name), uint64(len(b))))
		h.Write(b)
	}
	return [32]byte(h.Sum(nil))
}

func departmentRows(r *Registry) (rows [][]string) {
	for _, d := range r.Departments {
		rows = append(rows, []string{d.Code, d.Name, d.Academy, d.Zone})
	}
	return rows
}

func addDepartment(r *Registry, row []string) error {
	r.Departments = append(r.Departments, Department{Code: row[0], Name: row[1], Academy: row[2], Zone: row[3]})
	return nil
}

func schoolRows(r *Registry) (rows [][]string) {
	for _, s := range r.Schools {
		ips := ""
		if s.HasIPS {
			ips = strconv.FormatFloat(s.IPS, 'f', -1, 64)
		}
		rows = append(rows, []string{s.UAI.String(), s.Name, s.Kind, s.Commune, s.Department, s.Sector, ips, strconv.Itoa(s.Enrolment)})
	}
	return rows
}

func addSchool(r *Registry, row []string) error {
	uai, err := ParseUAI(row[0])
	if err != nil {
		return err
	}
	ips, has, err := parseIPS(row[6])
	if err != nil {
		return err
	}
	enrolment, err := strconv.Atoi(row[7])
	if err != nil {
		return fmt.Errorf("enrolment %q is no number", row[7])
	}
	r.Schools = append(r.Schools, School{UAI: uai, Name: row[1], Kind: row[2], Commune: row[3],
		Department: row[4], Sector: row[5], IPS: ips, HasIPS: has, Enrolment: enrolment})
	return nil
}

func parseIPS(s string) (ips float64, has bool, err error) {
	if s == "" {
		return 0, false, nil
	}
	ips, err = strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false, fmt.Errorf("social index %q is no number", s)
	}
	return ips, true, nil
}

var termHeader = []string{"id", "code", "french", "english"}

func termRows(terms []Term) (rows [][]string) {
	for _, t := range terms {
		rows = append(rows, []string{strconv.Itoa(int(t.ID)), t.Code, t.French, t.English})
	}
	return rows
}

func addTerm(terms *[]Term, row []string) error {
	id, err := strconv.ParseUint(row[0], 10, 8)
	if err != nil {
		return fmt.Errorf("id %q: want 1 to 255", row[0])
	}
	*terms = append(*terms, Term{ID: uint8(id), Code: row[1], French: row[2], English: row[3]})
	return nil
}

func toolRows(r *Registry) (rows [][]string) {
	for _, t := range r.Tools {
		rows = append(rows, []string{strconv.Itoa(int(t.ID)), t.Code, t.Name, t.Publisher, strings.Join(t.Prefixes, " ")})
	}
	return rows
}

func addTool(r *Registry, row []string) error {
	id, err := strconv.ParseUint(row[0], 10, 16)
	if err != nil {
		return fmt.Errorf("id %q: want 1 to 65535", row[0])
	}
	r.Tools = append(r.Tools, Tool{ID: uint16(id), Code: row[1], Name: row[2], Publisher: row[3], Prefixes: strings.Fields(row[4])})
	return nil
}
