package policy

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// WriteText prints the report for people.
func (r Report) WriteText(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Policy %s, school year %s (hash %.12s…)\n", r.Policy, r.SchoolYear, r.PolicyHash)
	fmt.Fprintf(&b, "Promise: everything published in the year is (ε = %v, δ = %v)-differentially private for one pupil.\n", r.Epsilon, r.Delta)
	fmt.Fprintf(&b, "μ = %.4f, ρ = %.4f; %v of δ is kept for the sampler. Identity: %s", r.Mu, r.Rho, r.DeltaSampler, r.Identity)
	if r.Identities > 1 {
		fmt.Fprintf(&b, ": a pupil may be %d units, every σ is %d times larger; pupils beyond are not protected", r.Identities, r.Identities)
	}
	fmt.Fprintf(&b, ".\nPlanned: %d of %d nano-μ² (%.1f %%), which is ε = %.2f at the same δ.\n\n",
		r.PlannedNano, r.LimitNano, 100*float64(r.PlannedNano)/float64(r.LimitNano), math.Ceil(100*r.PlannedEps)/100)

	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "family\twindows × Δ²\tcap\tshare\tσ (caps)\tσ (units)\tnano-μ²/window\tnano-μ²/year\t")
	for _, f := range r.Families {
		fmt.Fprintf(t, "%s\t%d × %.3g\t%d\t%.4g %%\t%.4g\t%.5g\t%d\t%d\t\n",
			f.Name, f.Windows, f.Delta2Caps, f.Cap, 100*f.Share, f.SigmaCaps, f.Sigma, f.CostNano, f.YearNano)
	}
	t.Flush()
	r.writeErrors(&b)
	a := r.Assumptions
	fmt.Fprintf(&b, "\nSupposed: %.0f %% of pupils active in a window, using %.0f %% of a joint cap, spread evenly over %d subjects and %d tools.\n",
		100*a.Active, 100*a.CapUse, a.Subjects, a.Tools)
	_, err := w.Write(b.Bytes())
	return err
}

// writeErrors prints the expected standard error of a typical cell, relative to
// its value, and marks what is not publishable.
func (r Report) writeErrors(b *bytes.Buffer) {
	fmt.Fprintf(b, "\nExpected error of a typical cell (* not publishable: 95 %% half-width above %.0f %% of the value)\n", 100*publishable)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "family\t")
	for _, l := range r.Assumptions.Levels {
		fmt.Fprint(t, strings.ReplaceAll(l.Name, "_", " "), "\t")
	}
	fmt.Fprintln(t)
	var notes []string
	for _, f := range r.Families {
		byLevel := make(map[string]ExpectedError)
		for _, e := range f.Errors {
			byLevel[e.Level] = e
		}
		fmt.Fprint(t, f.Name, "\t")
		for _, l := range r.Assumptions.Levels {
			e, ok := byLevel[l.Name]
			switch {
			case !ok:
				fmt.Fprint(t, "-\t")
			case e.Publishable:
				fmt.Fprintf(t, "%s\t", percent(e.Relative))
			default:
				fmt.Fprintf(t, "*%s\t", percent(e.Relative))
			}
		}
		fmt.Fprintln(t)
		if f.Useless {
			notes = append(notes, f.Name+": useless, kept by force")
		}
		if f.Unsupported != "" {
			notes = append(notes, f.Unsupported)
		}
	}
	t.Flush()
	for _, n := range notes {
		fmt.Fprintln(b, "!", strings.ReplaceAll(n, "\n", ", "))
	}
}
