package mapping

import (
	"math"
	"strings"
	"testing"
)

func TestSegments(t *testing.T) {
	rows := []struct {
		line     int
		text     string
		sum, end float64 // -1: none
	}{
		{line(), "", -1, -1},
		{line(), "0[.]61.5", 61.5, 61.5},
		{line(), "0[.]61.5[,]61.5[.]90[,]200", 90, -1},
		{line(), "0[.]61.5[,] 61.5 [.] 90 ", 90, 28.5},
		{line(), "200[,]0[.]10", 10, 10},
		{line(), "10[.]10", 0, 0},
		{line(), "90[.]10", -1, -1},
		{line(), "-5[.]5", -1, -1},
		{line(), "NaN[.]3[,]0[.]Inf[,]0[.]1e300", -1, -1},
		{line(), "0[.]86401", -1, -1},
		{line(), "0[.]5[.]7", -1, -1},
		{line(), "0[,]5", -1, -1},
		{line(), "0[.]" + strings.Repeat("0", 40) + "5", -1, -1},
		{line(), strings.Repeat("0[.]1[,]", 255) + "0[.]1", 256, 1},
		{line(), strings.Repeat("0[.]1[,]", 256) + "0[.]1", -1, 1},
		{line(), "[,][,][.][.]", -1, -1},
	}
	for _, row := range rows {
		for name, f := range map[string]struct {
			read func(string) (float64, bool)
			want float64
		}{"played": {played, row.sum}, "ended": {ended, row.end}} {
			got, ok := f.read(row.text)
			if !ok {
				got = -1
			}
			if got != f.want {
				t.Errorf("line %d: %s gives %v, want %v", row.line, name, got, f.want)
			}
		}
	}
}

// BenchmarkSegments reads as many of the longest values as fit into a body.
func BenchmarkSegments(b *testing.B) {
	long := strings.Repeat("0[.]1[,]", 32<<10)
	for b.Loop() {
		for range 32 {
			played(long)
			ended(long)
		}
	}
}

func FuzzSegments(f *testing.F) {
	f.Add("0[.]30.5[,]40[.]50[,]60")
	f.Add("NaN[.]Inf[,]0x1p3[.]1_0")
	f.Fuzz(func(t *testing.T, text string) {
		sum, ok := played(text)
		if math.IsNaN(sum) || sum < 0 || sum > maxSegments*maxPosition || !ok && sum != 0 {
			t.Fatalf("played gives %v, %v", sum, ok)
		}
		last, ok := ended(text)
		if ok && !(0 <= last && last <= maxPosition) {
			t.Fatalf("ended gives %v", last)
		}
	})
}
