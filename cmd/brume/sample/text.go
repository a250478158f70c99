package sample

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"brume/schemas/mapping"
)

// columns are the fields of a line and their widths.
var columns = []struct {
	field string
	width int
}{{"kind", 10}, {"school", 8}, {"level", 5}, {"subject", 19}, {"tool", 10}, {"outcome", 7}, {"score", 5}, {"duration", 8}, {"hour", 14}}

// WriteHeader names the columns.
func WriteHeader(w io.Writer) error {
	cells := make([]string, 0, len(columns))
	for _, c := range columns {
		cells = append(cells, fmt.Sprintf("%-*s", c.width, strings.ToUpper(c.field)))
	}
	return row(w, "#", cells)
}

func row(w io.Writer, number string, cells []string) error {
	_, err := fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%6s  %s", number, strings.Join(cells, "  ")), " "))
	return err
}

// WriteText prints what a statement becomes; with why also what every rule
// did.
func (l Line) WriteText(w io.Writer, why bool) error {
	number := strconv.Itoa(l.Number)
	switch {
	case l.Explanation == nil:
		for _, f := range l.Faults {
			if err := row(w, number, []string{fmt.Sprintf("refused     %s at %q: %s (%s)", f.Code, f.Pointer, f.Message, f.Rule)}); err != nil {
				return err
			}
		}
		return nil
	case l.Drop != mapping.Kept:
		if err := row(w, number, []string{"dropped     " + string(l.Drop)}); err != nil {
			return err
		}
	default:
		if err := row(w, number, l.cells()); err != nil {
			return err
		}
	}
	if !why {
		return nil
	}
	return l.writeWhy(w)
}

func (l Line) cells() []string {
	value := map[string]string{}
	for _, f := range l.Fields {
		value[f.Name] = f.Value
		if f.FromReceipt() {
			value[f.Name] = "when received"
		}
	}
	cells := make([]string, 0, len(columns))
	for _, c := range columns {
		text := value[c.field]
		if text == "" {
			text = "-"
		}
		cells = append(cells, fmt.Sprintf("%-*s", c.width, text))
	}
	return cells
}

func (l Line) writeWhy(w io.Writer) error {
	for _, f := range l.Fields {
		name := f.Name
		if f.From != "" {
			fmt.Fprintf(w, "        %-10s %s\n", name, f.From)
			name = ""
		}
		for _, s := range f.Steps {
			if !s.Told() || f.Value == "" && f.From == "" {
				continue // nothing there, or a condition that does not hold
			}
			if _, err := fmt.Fprintf(w, "        %-10s %s\n", name, step(s)); err != nil {
				return err
			}
			name = ""
		}
	}
	return nil
}

func step(s mapping.Step) string {
	text := s.Result
	if s.Found != "" {
		text = strconv.Quote(s.Found) + " " + text
	}
	if s.Value != "" && s.Value != s.Found {
		text += " as " + strconv.Quote(s.Value)
	}
	return strings.TrimLeft(fmt.Sprintf("%s %s: %s", s.Rule, s.Pointer, text), " ")
}

// mostValues is how many unmapped values of a field are printed.
const mostValues = 10

// WriteText prints the summary.
func (s Summary) WriteText(w io.Writer) error {
	var b strings.Builder
	refused, dropped := 0, 0
	for _, n := range s.Refused {
		refused += n
	}
	for _, n := range s.Dropped {
		dropped += n
	}
	fmt.Fprintf(&b, "mapping %s: %d statements, %d mapped, %d refused, %d dropped\n", s.Mapping, s.Statements, s.Mapped, refused, dropped)
	for _, code := range slices.Sorted(maps.Keys(s.Refused)) {
		fmt.Fprintf(&b, "  refused   %-24s %6d\n", code, s.Refused[code])
	}
	for _, reason := range slices.Sorted(maps.Keys(s.Dropped)) {
		fmt.Fprintf(&b, "  dropped   %-24s %6d\n", reason, s.Dropped[reason])
	}
	for _, c := range columns {
		if n := s.Missing[c.field]; n > 0 {
			fmt.Fprintf(&b, "  without   %-24s %6d\n", c.field, n)
		}
		values := byCount(s.Unmapped[c.field])
		for i, text := range values {
			if i == mostValues {
				fmt.Fprintf(&b, "            and %d more\n", len(values)-i)
				break
			}
			fmt.Fprintf(&b, "  unmapped  %-10s %6d  %s\n", c.field, s.Unmapped[c.field][text], strconv.Quote(text))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
