package policy

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// WriteText prints the report for people.
func (r Report) WriteText(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Policy %s, school year %s, hash %.12s…\n\n", r.Policy, r.SchoolYear, r.PolicyHash)
	fmt.Fprintf(&b, "Everything published in the year is (ε = %v, δ = %s)-differentially private for one pupil,\n", r.Epsilon, small(r.Delta))
	if r.Identity == ScopePerPublisher {
		fmt.Fprintf(&b, "who is one unit for each publisher, %d at most: every σ is %d times that of one unit, and a pupil\n"+
			"known to more publishers is not protected (identity: per_publisher).\n", r.Identities, r.Identities)
	} else {
		fmt.Fprintf(&b, "recognised by the accounts that the policy lists (identity: %s).\n", r.Identity)
	}
	r.writeAccount(&b)
	r.writeNoise(&b)
	r.writeErrors(&b)
	r.writeNotes(&b)
	if r.Change != nil {
		r.Change.write(&b, r)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeAccount prints the year's limit and how much of it is planned. ε is
// rounded up and δ too, so that neither line claims too much.
func (r Report) writeAccount(b *bytes.Buffer) {
	fmt.Fprint(b, "\nThe year's account\n")
	var t table
	t.row("", "nano-μ²", "μ", "ρ = μ²/2", "ε at δ = "+small(r.Delta), fmt.Sprintf("δ at ε = %v", r.Epsilon))
	t.row("limit", grouped(r.LimitNano), fmt.Sprintf("%.4f", r.Mu), fmt.Sprintf("%.4f", r.Rho), ceiling(r.Epsilon), small(r.Delta))
	mu := math.Sqrt(float64(r.PlannedNano) / nano)
	t.row("planned", grouped(r.PlannedNano), fmt.Sprintf("%.4f", mu), fmt.Sprintf("%.4f", mu*mu/2), ceiling(r.PlannedEps), small(r.PlannedDelta))
	t.row("left", grouped(r.LimitNano-r.PlannedNano))
	t.write(b)
	fmt.Fprintf(b, "  %s of δ is kept for the sampler.\n", small(r.DeltaSampler))
}

func (r Report) writeNoise(b *bytes.Buffer) {
	fmt.Fprint(b, "\nThe noise of one cell, and what it costs\n")
	var t table
	t.row("family", "share", "N × Δ²", "σ in caps", "cap", "σ in units", "nano-μ² a window", "a year")
	for _, f := range r.Families {
		t.row(f.Name, fmt.Sprintf("%.4g %%", 100*f.Share), fmt.Sprintf("%d × %.3g", f.Windows, f.Delta2Caps),
			significant(f.SigmaCaps), grouped(f.Cap), significant(f.Sigma)+" "+f.Unit, grouped(f.CostNano), grouped(f.YearNano))
	}
	t.write(b)
}

// writeErrors prints the expected standard error of a typical cell, relative to
// its value, and marks what is not publishable.
func (r Report) writeErrors(b *bytes.Buffer) {
	fmt.Fprint(b, "\nThe expected error of a typical cell: the deviation of its noise, relative to its value\n")
	var t table
	header := []string{"family"}
	for _, l := range r.Assumptions.Levels {
		header = append(header, l.label())
	}
	t.row(header...)
	for _, f := range r.Families {
		row := []string{f.Name}
		for _, l := range r.Assumptions.Levels {
			row = append(row, f.relative(l.Name))
		}
		t.row(row...)
	}
	t.write(b)
	fmt.Fprintf(b, "  %s not publishable on its own: the 95 %% interval is wider than ±%.0f %% of the value.\n", mark, 100*publishable)
	a := r.Assumptions
	fmt.Fprintf(b, "  Supposed: %.0f %% of pupils active in a window, %.0f %% of a joint cap used, spread evenly over\n"+
		"  %d subjects and %d tools; a nation of %s pupils in %s schools.\n",
		100*a.Active, 100*a.CapUse, a.Subjects, a.Tools, grouped(int64(a.nation().Pupils)), grouped(int64(a.nation().Schools)))
}

// relative prints the error at one level of the geography.
func (f FamilyReport) relative(level string) string {
	for _, e := range f.Errors {
		if e.Level == level {
			return percent(e.Relative) + map[bool]string{false: mark}[e.Publishable]
		}
	}
	return "-"
}

func (r Report) writeNotes(b *bytes.Buffer) {
	var notes []string
	for _, f := range r.Families {
		if f.Useless {
			notes = append(notes, "family "+f.Name+": useless, kept by force")
		}
		if f.Unsupported != "" {
			notes = append(notes, strings.ReplaceAll(f.Unsupported, "\n", ", "))
		}
	}
	if len(notes) > 0 {
		fmt.Fprintf(b, "\nMind\n  %s\n", strings.Join(notes, "\n  "))
	}
}

// ceiling prints an ε rounded up to three decimals.
func ceiling(epsilon float64) string { return fmt.Sprintf("%.3f", math.Ceil(1000*epsilon)/1000) }

// percent prints a relative error with two or three significant digits.
func percent(x float64) string {
	switch x *= 100; {
	case x >= 999.5:
		return "> 999 %"
	case x >= 9.95:
		return fmt.Sprintf("%.0f %%", x)
	case x >= 0.995:
		return fmt.Sprintf("%.1f %%", x)
	case x >= 0.0995:
		return fmt.Sprintf("%.2f %%", x)
	default:
		return fmt.Sprintf("%.3f %%", x)
	}
}

// small prints a probability: 1e-9.
func small(x float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(x, 'g', 3, 64), "e-0", "e-")
}
