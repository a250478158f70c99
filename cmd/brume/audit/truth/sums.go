// Package truth computes again, slowly and in its own way, the clipped sums
// that releases are noised from: the auditor's answer to what was published. It
// shares nothing with the code that folds, clips and sums in the services.
package truth

// Cell names one figure of a window's release.
type Cell struct{ Family, Area, Level, Subject, Tool, Measure string }

// Sums are the clipped sums of one window; a cell that is missing is zero.
type Sums map[Cell]int64

// Window names a release's window: its cadence and its position.
type Window struct {
	Cadence string
	Index   int
}
