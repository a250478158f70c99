//go:build race

package unpack

// slower is by how much the race detector slows unpacking.
const slower = 20
