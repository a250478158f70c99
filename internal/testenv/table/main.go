// Command table reads the output of the benchmarks named BenchmarkRow… and
// prints the table of docs/performance.md. With -out it also writes the table
// to a file, between the two marks if the file has them. It exits with 1 when
// a row is missing, never because a figure was not reached.
package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"brume/internal/testenv/measure"
)

// The marks in a file around the table.
const (
	beginMark = "<!-- make bench writes from here -->"
	endMark   = "<!-- to here -->"
)

func main() {
	out := flag.String("out", "", "file that takes the table, too")
	flag.Parse()
	figures, err := read(bufio.NewScanner(os.Stdin))
	if err != nil {
		fmt.Fprintln(os.Stderr, "reading the benchmarks' output:", err)
		os.Exit(2)
	}
	text, missing := render(figures)
	fmt.Print("\n", text)
	if *out != "" {
		if err := put(*out, text); err != nil {
			fmt.Fprintln(os.Stderr, "writing the table:", err)
			os.Exit(2)
		}
	}
	if len(missing) > 0 {
		fmt.Fprintln(os.Stderr, "not measured:", strings.Join(missing, ", "))
		os.Exit(1)
	}
}

// figures are the metrics of each benchmark.
type figures map[string]map[string]float64

var benchLine = regexp.MustCompile(`^BenchmarkRow(\w+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// read collects the rows' metrics and shows every other line on the error
// output, so that what failed can be seen.
func read(in *bufio.Scanner) (figures, error) {
	all := figures{}
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		m := benchLine.FindStringSubmatch(in.Text())
		if m == nil {
			fmt.Fprintln(os.Stderr, in.Text())
			continue
		}
		fmt.Fprintln(os.Stderr, "measured", m[1])
		metrics := map[string]float64{}
		fields := strings.Fields(m[2])
		for i := 0; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, err
			}
			metrics[fields[i+1]] = v
		}
		all[m[1]] = metrics
	}
	return all, in.Err()
}

// render gives the table in Markdown and the rows that have no figures.
func render(all figures) (text string, missing []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %d cores, %s.\n\n", time.Now().Format(time.DateOnly), processor(), runtime.NumCPU(), runtime.Version())
	b.WriteString("| what | measured | must reach | reference, same run | measured/reference | conditions |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		metrics, ok := all[r.bench]
		if !ok {
			missing = append(missing, r.bench)
			metrics = map[string]float64{}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.what, r.measured(metrics, ok), r.target(), r.beside(metrics))
	}
	return b.String(), missing
}

func (r row) measured(metrics map[string]float64, ok bool) string {
	switch {
	case !ok:
		return "not measured"
	case r.reached(metrics):
		return r.with(metrics[measure.Result])
	}
	return r.with(metrics[measure.Result]) + ", **not reached**"
}

func (r row) target() string {
	if r.atLeast > 0 {
		return "≥ " + number(r.atLeast)
	}
	return "≤ " + r.with(r.atMost)
}

func (r row) with(v float64) string { return strings.TrimSpace(number(v) + " " + r.unit) }

// beside gives the references, the ratios and the conditions.
func (r row) beside(metrics map[string]float64) string {
	var values, ratios []string
	conditions := r.conditions
	for _, ref := range r.references {
		v, ok := metrics[ref.metric]
		if !ok {
			values, ratios = append(values, ref.what+": not measured"), append(ratios, "–")
			continue
		}
		if ref.conditions != "" {
			conditions += ". " + ref.conditions
		}
		values = append(values, ref.what+": "+number(v))
		ratios = append(ratios, number(metrics[measure.Result]/v))
	}
	text := cmp.Or(strings.Join(values, "; "), "–") + " | " + cmp.Or(strings.Join(ratios, "; "), "–") + " | " + conditions
	for name, v := range metrics {
		text = strings.ReplaceAll(text, "{"+name+"}", number(v))
	}
	return text
}

// number prints three figures that count, and thousands apart.
func number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	if v == 0 || math.Abs(v) < 1000 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	digits := strconv.FormatFloat(math.Round(v/unit)*unit, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// processor is the name that the machine gives its processor.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return runtime.GOARCH
}

// put writes the text to a file, between its marks if it has them.
func put(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	before, rest, ok1 := strings.Cut(string(old), beginMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if ok1 && ok2 {
		text = before + beginMark + "\n\n" + text + "\n" + endMark + after
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
