// Package readback keeps a publisher's own statements for a few minutes, so
// that a tool can check delivery by the reading half of the Statement resource.
//
// A Window is bounded by age and by bytes, lives in memory only, and gives
// nothing of one publisher to another. What leaves it is overwritten, not only
// forgotten. Statements are kept as text and parsed when somebody reads.
package readback
