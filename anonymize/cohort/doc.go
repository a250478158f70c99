// Package cohort keeps what one partition knows of its pupils: for each school
// year, each pupil's bounded contribution to the windows that are still open.
//
// Folding is deterministic and, within a window, independent of order and of
// repeats: which of several cells a pupil counts in is decided by a keyed hash,
// and clipping happens once, at the close, on integers truncated toward zero.
// A partition rebuilt from the log equals the lost one byte for byte.
package cohort
