package noise

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	dp "github.com/google/differential-privacy/go/v3/noise"
	"pgregory.net/rapid"
)

func TestCheckAcceptsEverySigmaThatIsPlanned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sigma := math.Exp(rapid.Float64Range(math.Log(MinSigma), math.Log(MaxSigma)).Draw(t, "log sigma"))
		if sigma < MinSigma || sigma > MaxSigma {
			t.Skip("rounded out of range")
		}
		if err := Check(sigma); err != nil {
			t.Fatal(err)
		}
	})
}

func TestDrawRefusesSigmaWithoutMeaning(t *testing.T) {
	for _, sigma := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), MinSigma / 2, MaxSigma * 2, math.MaxFloat64} {
		if err := Check(sigma); !errors.Is(err, ErrSigma) {
			t.Errorf("Check(%v) = %v, want ErrSigma", sigma, err)
		}
		if z, err := Draw(sigma); !errors.Is(err, ErrSigma) || z != 0 {
			t.Errorf("Draw(%v) = %v, %v, want ErrSigma", sigma, z, err)
		}
	}
}

func TestDrawAtTheEnds(t *testing.T) {
	for _, sigma := range []float64{MinSigma, MaxSigma} {
		for range 100 {
			z, err := Draw(sigma)
			if err != nil || math.Abs(float64(z)) > 9*sigma+1 {
				t.Fatalf("Draw(%v) = %v, %v", sigma, z, err)
			}
		}
	}
}

func TestAdd(t *testing.T) {
	for _, c := range []struct {
		exact, draw, want int64
		overflow          bool
	}{
		{exact: 5, draw: -8, want: -3},
		{exact: 0, draw: 0, want: 0},
		{exact: math.MaxInt64, draw: 0, want: math.MaxInt64},
		{exact: math.MaxInt64 - 1, draw: 1, want: math.MaxInt64},
		{exact: math.MinInt64 + 1, draw: -1, want: math.MinInt64},
		{exact: math.MaxInt64, draw: math.MinInt64, want: -1},
		{exact: math.MaxInt64, draw: 1, overflow: true},
		{exact: math.MinInt64, draw: -1, overflow: true},
		{exact: math.MinInt64, draw: math.MinInt64, overflow: true},
	} {
		got, err := Add(c.exact, c.draw)
		if got != c.want || errors.Is(err, ErrOverflow) != c.overflow {
			t.Errorf("Add(%d, %d) = %d, %v; want %d, overflow %v", c.exact, c.draw, got, err, c.want, c.overflow)
		}
	}
}

// TestLibraryWritesNoLogFiles makes the library log a warning in a child
// process whose temporary folder is empty, and expects it to stay so.
func TestLibraryWritesNoLogFiles(t *testing.T) {
	if os.Getenv("BRUME_TEST_GLOG") == "1" {
		if err := Check(10); err != nil {
			t.Fatal(err)
		}
		dp.ToNoise(dp.Unrecognised) // logs a warning
		return
	}
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestLibraryWritesNoLogFiles$")
	child.Env = append(os.Environ(), "BRUME_TEST_GLOG=1", "TMPDIR="+dir)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "Unrecognised noise") {
		t.Fatalf("the library no longer logs this warning; the test proves nothing:\n%s", out)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) > 0 {
		t.Fatalf("the library left files in the temporary folder: %v, %v", files, err)
	}
}

func BenchmarkDraw(b *testing.B) {
	for b.Loop() {
		if _, err := Draw(14.881955); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cells/s")
}

// BenchmarkLibraryAlone is the ceiling of BenchmarkDraw.
func BenchmarkLibraryAlone(b *testing.B) {
	g := dp.Gaussian()
	for b.Loop() {
		if _, err := g.AddNoiseFloat64(0, 1, 14.881955/sigma0, epsilon, delta); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cells/s")
}
