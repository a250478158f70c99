package policy

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// table lays out text in columns: the first to the left, the others to the
// right, two spaces between them and before each line. A cell that ends in a
// mark keeps its digits aligned with those that do not.
type table [][]string

// mark follows a figure that is not publishable.
const mark = "*"

func (t *table) row(cells ...string) { *t = append(*t, cells) }

func (t table) write(b *bytes.Buffer) {
	var widths []int
	for _, row := range t {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(strings.TrimSuffix(cell, mark)))
		}
	}
	for _, row := range t {
		var line strings.Builder
		for i, cell := range row {
			digits, marked := strings.CutSuffix(cell, mark)
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(digits))
			switch {
			case i == 0:
				line.WriteString("  " + digits + pad)
				continue
			case marked:
				line.WriteString("  " + pad + digits + mark)
			default:
				line.WriteString("  " + pad + digits + " ")
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// grouped prints an integer with commas between its thousands.
func grouped(n int64) string {
	if n < 0 {
		return "-" + grouped(-n)
	}
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// significant prints a deviation with three significant digits.
func significant(x float64) string {
	if x >= 999.5 {
		step := 1.0
		for x/step >= 999.5 {
			step *= 10
		}
		return grouped(int64(x/step+0.5) * int64(step))
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}
