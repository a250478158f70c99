// Package aggregate copies committed releases into ClickHouse and computes
// from them, and from nothing else, the figures that people read: sums over
// departments, academies and the nation, each with the variance of its noise.
//
// Durability: everything here can be rebuilt from the topic of releases. A
// release is loaded by replacing whole partitions, and its row in
// published.releases MUST be written last; readers look only at releases that
// have one. Loading twice, or again after a crash at any step, gives the same
// rows.
package aggregate
