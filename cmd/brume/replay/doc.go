// Package replay sends recorded or simulated statements to an xAPI endpoint
// and counts what became of each one.
//
// Statements never rest: they are read from the caller's file or memory, held
// in memory while in flight, and forgotten once acknowledged or refused. The
// only file that is written holds a position and counts.
package replay
