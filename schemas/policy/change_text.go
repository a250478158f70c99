package policy

import (
	"bytes"
	"fmt"
)

// write prints the change at the end of a plan.
func (c Change) write(b *bytes.Buffer, r Report) {
	fmt.Fprintf(b, "\nThe change from %s (%.12s…) after %s, in nano-μ²\n", c.From, c.FromHash, c.Closed)
	var t table
	t.row("zone", "spent", "on top of it", "the year", "left of the limit")
	for _, z := range c.Zones {
		t.row(z.Zone, grouped(z.SpentNano), grouped(z.AheadNano), grouped(z.YearNano), grouped(c.LimitNano-z.YearNano))
	}
	t.write(b)
	switch {
	case c.Fits:
		fmt.Fprintf(b, "  It fits: the year ends at ε = %s of %v.\n", ceiling(c.Epsilon), r.Epsilon)
	case c.Scale > 0:
		fmt.Fprintf(b, "  It does not fit: the year would end at ε = %s, above %v.\n  It fits once the shares of what is charged on top are multiplied by %.4g.\n", ceiling(c.Epsilon), r.Epsilon, c.Scale)
	default:
		fmt.Fprintf(b, "  It does not fit: more than ε = %v is already spent.\n", r.Epsilon)
	}
}
